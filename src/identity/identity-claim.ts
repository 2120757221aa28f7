/** More than two would name a person no better; this is what a mistyped list is stopped by. */
const MOST_CLAIMS = 4;

/** Addresses and names are given to the next human who comes, or may be chosen by whoever signs in. */
const PASSING: readonly string[] = [
  'email',
  'preferred_username',
  'upn',
  'unique_name',
  'username',
  'login_hint',
  'name',
  'nickname',
  'given_name',
  'family_name',
  'phone_number',
];

/** What is wrong with claims that are to name a person for ever; undefined: nothing. */
export function unfitIdentityClaim(claims: readonly string[]): string | undefined {
  if (claims.length === 0) return 'names no claim; write [sub], at Entra ID [tid, oid]';
  if (claims.length > MOST_CLAIMS) return `names more than ${MOST_CLAIMS} claims; [sub] is enough`;
  const passing = claims.find((claim) => PASSING.includes(claim.toLowerCase()));
  if (passing !== undefined) {
    return `must not hold ${passing}: addresses and names pass from one person to the next, who would inherit what was approved for the first; write [sub], at Entra ID [tid, oid]`;
  }
  const strange = claims.find((claim) => !/^\S{1,200}$/.test(claim));
  if (strange !== undefined) return 'holds something that is no name of a claim; write [sub]';
  return new Set(claims).size === claims.length ? undefined : 'names a claim twice';
}
