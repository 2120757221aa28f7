import { IncomingMessage } from 'node:http';
import type { Context } from 'hono';
import { createMiddleware } from 'hono/factory';
import { digestOfBytes } from '../../domain/digest.ts';
import { Failure } from '../../domain/errors.ts';
import { fromUtf8 } from '../../log/bytes.ts';
import type { Hasher } from '../../log/hasher.ts';
import type { HttpEnv } from '../parts.ts';
import { isForm, isUpload } from './form-fields.ts';
import { checkJsonShape } from './json-shape.ts';

const MOST_BODY_BYTES = 64 * 1024;
const MOST_PROPOSAL_BYTES = 512 * 1024;

/** Policies come whole, with their scope files; on a page, as the files they are. */
const UPLOAD_PATHS: readonly string[] = ['/policy/plans', '/policy/proposals'];
const POLICY_PATHS: readonly string[] = [...UPLOAD_PATHS, ...UPLOAD_PATHS.map((path) => `/v1${path}`)];
const mostBytesFor = (path: string): number =>
  POLICY_PATHS.includes(path) ? MOST_PROPOSAL_BYTES : MOST_BODY_BYTES;

/** RFC 6749, RFC 7662 and OpenID Connect's logout have forms, and so have pages; the rest of the API is JSON. */
const FORM_PATHS: readonly string[] = ['/v1/token', '/v1/sign-in/back-channel-logout', '/grants/introspect'];
const mayBeForm = (path: string): boolean => FORM_PATHS.includes(path) || !/^\/(?:v1|grants)\//.test(path);

/**
 * Reads the body once, within bounds that hold while it streams in, whatever `Content-Length` says. Its bytes are
 * what an Idempotency-Key stands for; its JSON is bounded in depth and width before it is parsed.
 */
export const boundedBody = (hasher: Hasher) =>
  createMiddleware<HttpEnv>(async (c, next) => {
    const bytes = await readAtMost(bodyOf(c), mostBytesFor(c.req.path));
    c.set('bodyDigest', digestOfBytes(hasher, bytes));
    const text = textOf(bytes);
    if (bytes.length > 0) checkForm(c.req.path, c.req.header('content-type') ?? '', text);
    // Hono takes what it finds here for the body it has read itself; it keeps promises in it.
    c.req.bodyCache.text = Promise.resolve(text) as unknown as string;
    await next();
  });

/** From the socket's own stream where there is one: a web stream around it costs more than all that is done here. */
function bodyOf(c: Context<HttpEnv>): AsyncIterable<Uint8Array> | null {
  const incoming: unknown = c.env?.incoming;
  // Left alone when reading stops early: the refusal still has to go out on the same socket.
  if (incoming instanceof IncomingMessage) return incoming.iterator({ destroyOnReturn: false });
  return c.req.raw.body;
}

async function readAtMost(body: AsyncIterable<Uint8Array> | null, most: number): Promise<Uint8Array> {
  if (body === null) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > most) throw tooLarge(most);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch {
    throw new Failure('malformed-input', 'The body is not UTF-8.');
  }
}

function checkForm(path: string, contentType: string, text: string): void {
  if (/^application\/json(?:;|$)/i.test(contentType)) {
    checkJsonShape(text);
    return;
  }
  if (mayBeForm(path) && isForm(contentType)) return;
  if (UPLOAD_PATHS.includes(path) && isUpload(contentType)) return;
  throw new Failure('malformed-input', 'A body must be application/json.', {
    mend: 'Send `Content-Type: application/json`.',
  });
}

const tooLarge = (most: number): Failure =>
  new Failure('too-large', `The body is larger than ${most / 1024} KiB.`, { mend: 'Send less.' });
