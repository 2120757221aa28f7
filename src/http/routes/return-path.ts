const MOST_CHARACTERS = 500;
/** They would lead in a circle, or are no pages. */
const NEVER: readonly RegExp[] = [/^\/sign-(?:in|out)(?:[/?]|$)/, /^\/v1(?:[/?]|$)/];

/**
 * Where somebody goes after a sign-in: a path of ours with its query, whatever a link said. Browsers read `//host`,
 * `/\\host` and a tab in between as another site; what is not plain is the front page.
 */
export function returnPath(wanted: string | undefined, publicUrl: string): string {
  if (wanted === undefined || wanted.length > MOST_CHARACTERS) return '/';
  if (!/^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/.test(wanted)) return '/';
  const url = new URL(wanted, publicUrl);
  if (url.origin !== new URL(publicUrl).origin) return '/';
  const path = `${url.pathname}${url.search}`;
  return path.startsWith('//') || NEVER.some((pattern) => pattern.test(path)) ? '/' : path;
}
