/** As `wrangler.toml` and the tests' bundler give it. */
declare module '*.sql' {
  const text: string;
  export default text;
}
