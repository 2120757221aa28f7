/** What the log page's worker reads, always from the server: what a browser kept is no evidence. */

export const fetchCheckpoint = async (): Promise<Uint8Array> => octets('/log/checkpoint');

export const fetchEntry = async (seq: number): Promise<Uint8Array> => octets(`/log/${seq}/bytes`);

/** Whoever stops asking for more ends the answer too. */
export async function* rangePieces(first: number, count: number): AsyncGenerator<Uint8Array> {
  const { body } = good(await get(`/log/ranges/${first}?count=${count}`));
  const reader = body?.getReader();
  try {
    for (let part = await reader?.read(); part?.value !== undefined; part = await reader?.read()) {
      yield part.value;
    }
  } finally {
    await reader?.cancel();
  }
}

/** undefined: the server has none of that digest. */
export async function fetchAttachment(digest: string): Promise<Uint8Array | undefined> {
  const response = await get(`/log/attachments/${digest.replace(/^sha256:/, '')}`);
  if (response.status === 404) return undefined;
  return bytesOf(response);
}

const octets = async (path: string): Promise<Uint8Array> => bytesOf(await get(path));

const get = (path: string): Promise<Response> =>
  fetch(path, { cache: 'no-store', credentials: 'same-origin', redirect: 'error' });

const bytesOf = async (response: Response): Promise<Uint8Array> =>
  new Uint8Array(await good(response).arrayBuffer());

function good(response: Response): Response {
  if (response.ok) return response;
  throw new Error(`The server answered ${response.status} for ${new URL(response.url).pathname}.`);
}
