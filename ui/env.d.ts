/** Modules that exist only inside the bundler. */
declare module "virtual:uno.css";
declare module "*.css";
