/** Cases are data: lines of JSON, embedded as text. */
declare module "*.jsonl" {
  const text: string;
  export default text;
}
