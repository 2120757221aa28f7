/** AWS's own id of a call, for its support and its trail; null when there is none or it has another shape. */
export function requestIdOf(answer: object): string | null {
  const metadata = '$metadata' in answer ? answer.$metadata : undefined;
  if (typeof metadata !== 'object' || metadata === null || !('requestId' in metadata)) return null;
  const { requestId } = metadata;
  return typeof requestId === 'string' && /^[\w-]{1,200}$/.test(requestId) ? requestId : null;
}
