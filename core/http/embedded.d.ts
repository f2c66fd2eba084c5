/** Swagger UI ships no types; what is imported is the path of an embedded file. */
declare module "swagger-ui-dist/swagger-ui-bundle.js" {
  const path: string;
  export default path;
}
