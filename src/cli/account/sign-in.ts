import { hash, randomBytes } from 'node:crypto';
import { createDpopKey, type DpopKey } from '../../identity/dpop-proof.ts';
import { requestTokens } from '../api.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { withLock } from '../private-files.ts';
import { type Loopback, listenForCode } from './loopback.ts';
import { openBrowser } from './open-browser.ts';
import { type SignInFile, signInPath, writeSignIn } from './sign-in-file.ts';

const MOST_MINUTES = 5;

/**
 * Signs a person in through their browser: authorization code with PKCE (RFC 7636) to a loopback address, and tokens
 * bound to a key made here (RFC 9449). What was signed in before is replaced only by what succeeded.
 */
export async function signIn(
  context: CliContext,
  server: string,
  how: { readonly issuer: string | undefined; readonly useBrowser: boolean },
): Promise<void> {
  const { surroundings } = context;
  const [state, verifier, key] = [randomText(), randomText(), await createDpopKey()];
  const ending = endsLater(context);
  const loopback = await listenForCode(state, ending.signal);
  try {
    const url = addressFor(server, { state, verifier, key, loopback, issuer: how.issuer });
    const opened = how.useBrowser && (await openBrowser(surroundings, url));
    // Asked of the person, not told as progress: --quiet does not hide it.
    surroundings.stderr.write(
      `${opened ? 'Your browser should open. If it does not' : 'Open in a browser on this machine'}:\n  ${url}\n`,
    );
    const body = { grant_type: 'authorization_code', code: await loopback.code, code_verifier: verifier };
    const tokens = await requestTokens(surroundings, server, key, body);
    const signedIn = { server, ...tokens, key: keyForFile(key) };
    await withLock(signInPath(surroundings), () => writeSignIn(surroundings, signedIn));
  } finally {
    ending.stop();
    await loopback.close();
  }
}

function addressFor(
  server: string,
  ask: {
    readonly state: string;
    readonly verifier: string;
    readonly key: DpopKey;
    readonly loopback: Loopback;
    readonly issuer: string | undefined;
  },
): string {
  const query = new URLSearchParams({
    ...(ask.issuer === undefined ? {} : { issuer: ask.issuer }),
    redirect_uri: ask.loopback.redirectUri,
    code_challenge: hash('sha256', ask.verifier, 'base64url'),
    state: ask.state,
    dpop_jkt: ask.key.thumbprint,
  });
  return `${server}/v1/sign-in?${query}`;
}

/** 256 bits, in letters that need no escaping. */
const randomText = (): string => randomBytes(32).toString('base64url');

export function keyForFile({ privateJwk }: DpopKey): SignInFile['key'] {
  const { kty, crv, x, y, d } = privateJwk;
  if (kty === undefined || crv === undefined || x === undefined || y === undefined || d === undefined) {
    throw new TypeError('a fresh key lacks a part');
  }
  return { kty, crv, x, y, d };
}

/** Aborts on Ctrl-C and when nobody signed in for long. */
export function endsLater(
  { surroundings }: CliContext,
  minutes = MOST_MINUTES,
  mend = 'countersign login',
): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const end = (ending: Ending) => controller.abort(ending);
  const late = new Ending(exitCode.failure, `Nobody signed in within ${minutes} minutes.`, mend);
  const timer = setTimeout(() => end(late), minutes * 60_000);
  const back = surroundings.onInterrupt(() =>
    end(new Ending(exitCode.interrupted, 'Interrupted; nobody was signed in.')),
  );
  const stop = () => {
    clearTimeout(timer);
    back();
  };
  return { signal: controller.signal, stop };
}
