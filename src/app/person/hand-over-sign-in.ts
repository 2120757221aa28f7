import type { Broker } from '../broker.ts';
import type { CliCallback, SignedIn, SignInDestination } from '../identity-ports.ts';
import type { SecretChange } from '../store.ts';
import { approvedDevice } from './device-asks.ts';
import { cookieThumbprint, newCookie, newFormToken, webSignInRow } from './web-sign-in-rows.ts';

/** A sign-in ends after this, whatever is done in it. */
export const SIGN_IN_LIVES_MS = 12 * 3_600_000;

/** What a sign-in leads to: for the commit that records it, and for the browser that waits. */
export interface HandedOver {
  readonly signedIn: SignedIn;
  /** They work once they are stored. */
  readonly secrets: readonly SecretChange[];
  readonly location: string;
  readonly cookie: string | null;
}

type Named = Pick<SignedIn, 'signIn' | 'person' | 'issuer'>;

export function handOver(
  broker: Broker,
  goesTo: SignInDestination,
  named: Named,
  nowMs: number,
): Promise<HandedOver> | HandedOver {
  const expiresAtMs = nowMs + SIGN_IN_LIVES_MS;
  switch (goesTo.kind) {
    case 'command-line':
      return toCommandLine(broker, goesTo, { ...named, expiresAtMs });
    case 'browser':
      return toBrowser(broker, goesTo.returnTo, { ...named, expiresAtMs }, nowMs);
    case 'device':
      return toDevice(broker, goesTo.device, { ...named, expiresAtMs });
  }
}

function toCommandLine(
  broker: Broker,
  cli: CliCallback,
  named: Named & Pick<SignedIn, 'expiresAtMs'>,
): HandedOver {
  const signedIn = { ...named, keyThumbprint: cli.dpop_jkt, mayOnlyAsk: false };
  const { code, secrets } = broker.accessTokens.issueCode(signedIn, cli.code_challenge);
  const url = new URL(cli.redirect_uri);
  url.searchParams.set('code', code);
  url.searchParams.set('state', cli.state);
  return { signedIn, secrets, location: url.href, cookie: null };
}

function toBrowser(
  broker: Broker,
  returnTo: string,
  named: Named & Pick<SignedIn, 'expiresAtMs'>,
  nowMs: number,
): HandedOver {
  const cookie = newCookie(broker);
  const signedIn = { ...named, keyThumbprint: cookieThumbprint(broker, cookie), mayOnlyAsk: false };
  const value = { signedIn, formToken: newFormToken(broker), seenAtMs: nowMs, isSpent: false };
  return { signedIn, secrets: [webSignInRow(broker, cookie, value)], location: returnTo, cookie };
}

async function toDevice(
  broker: Broker,
  device: string,
  named: Named & Pick<SignedIn, 'expiresAtMs'>,
): Promise<HandedOver> {
  const { signedIn, secrets } = await approvedDevice(broker, device, named);
  return { signedIn, secrets, location: '/device/done', cookie: null };
}
