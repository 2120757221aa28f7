/** What the log page's worker reads, always from the server: what a browser kept is no evidence. */

export const fetchCheckpoint = async (): Promise<Uint8Array> => octets('/log/checkpoint');

export const fetchEntry = async (seq: number): Promise<Uint8Array> => octets(`/log/${seq}/bytes`);

export const fetchRange = async (first: number, count: number): Promise<Uint8Array> =>
  octets(`/log/ranges/${first}?count=${count}`);

/** undefined: the server has none of that digest. */
export async function fetchAttachment(digest: string): Promise<Uint8Array | undefined> {
  const response = await get(`/log/attachments/${digest.replace(/^sha256:/, '')}`);
  if (response.status === 404) return undefined;
  return bytesOf(response);
}

const octets = async (path: string): Promise<Uint8Array> => bytesOf(await get(path));

const get = (path: string): Promise<Response> =>
  fetch(path, { cache: 'no-store', credentials: 'same-origin', redirect: 'error' });

async function bytesOf(response: Response): Promise<Uint8Array> {
  if (!response.ok)
    throw new Error(`The server answered ${response.status} for ${new URL(response.url).pathname}.`);
  return new Uint8Array(await response.arrayBuffer());
}
