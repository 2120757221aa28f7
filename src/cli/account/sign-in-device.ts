import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Failure } from '../../domain/errors.ts';
import { matchPhrase, matchPhraseInput } from '../../domain/match-phrase.ts';
import { createDpopKey, type DpopKey } from '../../identity/dpop-proof.ts';
import { askForTokens, reach, type Tokens, tokensIn } from '../api.ts';
import type { CliContext } from '../context.ts';
import { withLock } from '../private-files.ts';
import { failureOf } from '../problem.ts';
import { endsLater, keyForFile } from './sign-in.ts';
import { signInPath, writeSignIn } from './sign-in-file.ts';

const AGAIN = 'countersign login --device';

const asked = z.object({
  device_code: z.string(),
  user_code: z.string(),
  verification_uri: z.string(),
  expires_in: z.number(),
  interval: z.number().min(1).max(60),
});
type Asked = z.infer<typeof asked>;
/** RFC 8628 §3.5. */
const waiting = z.object({ error: z.string() });

/**
 * Signs in a machine without a browser (RFC 8628): somebody types its code in a browser elsewhere, where they are
 * signed in, and sees the same words there as here. The words are made of this machine's own key, so whoever hands the
 * code on with another key shows other words. What comes of it may only ask.
 */
export async function signInDevice(context: CliContext, server: string): Promise<void> {
  const { surroundings } = context;
  const key = await createDpopKey();
  const ask = await askToBeLetIn(server, key);
  surroundings.stderr.write(linesFor(ask, key).join(''));
  const ending = endsLater(context, Math.ceil(ask.expires_in / 60), AGAIN);
  try {
    const tokens = await waitForTokens(context, server, { ask, key, signal: ending.signal });
    const signedIn = { server, ...tokens, key: keyForFile(key) };
    await withLock(signInPath(surroundings), () => writeSignIn(surroundings, signedIn));
  } finally {
    ending.stop();
  }
}

async function askToBeLetIn(server: string, key: DpopKey): Promise<Asked> {
  const response = await reach(`${server}/v1/device-authorization`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'countersign login --device' },
    body: JSON.stringify({ dpop_jkt: key.thumbprint }),
    redirect: 'error',
  });
  if (!response.ok) throw await failureOf(response);
  return asked.parse(await response.json());
}

function linesFor({ user_code, verification_uri }: Asked, key: DpopKey): readonly string[] {
  const digest = hash('sha256', matchPhraseInput(user_code, key.thumbprint), 'buffer');
  return [
    `Open in a browser on another machine:\n  ${verification_uri}\n`,
    `and type:\n  ${user_code}\n`,
    `It must show these words:\n  ${matchPhrase(digest)}\n`,
    'This machine may then ask for access, and nothing else.\n',
  ];
}

async function waitForTokens(
  { surroundings }: CliContext,
  server: string,
  { ask, key, signal }: { readonly ask: Asked; readonly key: DpopKey; readonly signal: AbortSignal },
): Promise<Tokens> {
  const body = { grant_type: 'urn:ietf:params:oauth:grant-type:device_code', device_code: ask.device_code };
  for (;;) {
    await pause(ask.interval * 1000, signal);
    const response = await askForTokens(surroundings, server, key, body);
    if (response.ok) return tokensIn(surroundings, response);
    if (response.status !== 400) throw await failureOf(response);
    const answer = waiting.safeParse(await response.json()).data;
    if (answer?.error !== 'authorization_pending') {
      throw new Failure('not-signed-in', 'Nobody let this machine in while the code was good.', {
        mend: AGAIN,
      });
    }
  }
}

/** @throws why the waiting ended */
async function pause(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    signal.throwIfAborted();
    throw new Failure('not-signed-in', 'The waiting was broken off.', { mend: AGAIN });
  }
}
