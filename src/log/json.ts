/** Any value JSON can spell. Numbers are finite; whole numbers stay within ±(2^53 − 1), larger ones are strings. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object: names to values, never `undefined`. */
export type JsonObject = { readonly [name: string]: Json };

/** True for an object that is neither null nor an array. */
export function isJsonObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
