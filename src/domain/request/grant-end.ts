/**
 * When a grant ends whose first session is opened at that moment, milliseconds since 1970. Whole seconds, as tokens and
 * clouds count them: what carries it on begins with the moment at which its credentials end, and not within it.
 */
export const grantEndMs = (openedAtMs: number, seconds: number): number =>
  (Math.floor(openedAtMs / 1000) + seconds) * 1000;
