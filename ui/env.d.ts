/** Modules that exist only inside the bundler. */
declare module "virtual:uno.css";
declare module "*.css";

/** Made by the build from the packages that are in the program: see vite.config.ts. */
declare module "virtual:licences" {
  const licences: readonly { name: string; version: string; licence: string }[];
  export default licences;
}
