/** A token may live a second: nothing outside us sets a minimum. */
export const LEAST_TOKEN_SECONDS = 1;
/** Twelve hours: also how long a retired key must stay published. */
export const MOST_TOKEN_SECONDS = 43_200;
/** Common servers read a header line of 8 KiB; the token shares its line with `Authorization: Bearer `. */
export const MOST_TOKEN_CHARACTERS = 8_000;
/**
 * RFC 8725 §3.11: a type of its own, so that no reader of ID tokens, access tokens or sign-ins takes it for
 * theirs.
 */
export const GRANT_TOKEN_TYPE = 'grant+jwt';
