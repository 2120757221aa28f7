import { z } from 'zod';
import type { Session } from '../answers.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { isSafeAddress } from '../server-address.ts';

type AwsCredentials = Extract<Session['credentials'], { kind: 'aws' }>;

/** AWS IAM user guide, “Enable custom identity broker access to the AWS console”; each partition has places of its own. */
const places = {
  aws: { signIn: 'https://signin.aws.amazon.com/federation', console: 'https://console.aws.amazon.com' },
  china: { signIn: 'https://signin.amazonaws.cn/federation', console: 'https://console.amazonaws.cn' },
  government: {
    signIn: 'https://signin.amazonaws-us-gov.com/federation',
    console: 'https://console.amazonaws-us-gov.com',
  },
} as const;

function placesOf(region: string | null): (typeof places)[keyof typeof places] {
  if (region?.startsWith('cn-') === true) return places.china;
  return region?.startsWith('us-gov-') === true ? places.government : places.aws;
}

const ENDPOINT = 'COUNTERSIGN_AWS_SIGNIN_URL';
const ATTEMPT_WITHIN_MS = 15_000;
const MOST_TOKEN_LENGTH = 16_384;

const answered = z.object({ SigninToken: z.string().min(1).max(MOST_TOKEN_LENGTH) });

export interface SignInWanted {
  readonly credentials: AwsCredentials;
  /** Where AWS sends people whose console has ended. */
  readonly issuer: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * An address that signs whoever opens it in to the console, for a quarter of an hour: a secret, like the credentials that
 * it is made of. They travel in the body, as an address is written down by everything that it passes. How long the
 * console lasts is left out, so that it lasts as long as they do; AWS refuses it besides for a role's session that came
 * of another.
 * @throws Ending `usage`, `failure`; what AWS answered is not repeated
 */
export async function consoleAddress({ credentials, issuer, environment }: SignInWanted): Promise<string> {
  const { signIn, console } = placesOf(credentials.region);
  const endpoint = endpointFrom(environment) ?? signIn;
  const token = await signInToken(endpoint, credentials);
  const region = credentials.region === null ? '' : `?${new URLSearchParams({ region: credentials.region })}`;
  const query = new URLSearchParams({
    Action: 'login',
    Issuer: issuer,
    Destination: `${console}/console/home${region}`,
    SigninToken: token,
  });
  return `${endpoint}?${query}`;
}

/** Another place than AWS’s own: a proxy of the company, or a stand-in. */
function endpointFrom(environment: SignInWanted['environment']): string | undefined {
  const named = environment[ENDPOINT];
  if (named === undefined || named === '') return undefined;
  if (isSafeAddress(named)) return named;
  throw new Ending(
    exitCode.usage,
    `${ENDPOINT} is “${printable(named)}”, to which no credentials are sent.`,
    'Write an https:// address, or leave it out.',
  );
}

async function signInToken(endpoint: string, credentials: AwsCredentials): Promise<string> {
  const session = {
    sessionId: credentials.access_key_id,
    sessionKey: credentials.secret_access_key,
    sessionToken: credentials.session_token,
  };
  const body = new URLSearchParams({ Action: 'getSigninToken', Session: JSON.stringify(session) });
  const response = await fetch(endpoint, {
    method: 'POST',
    body,
    // The credentials go to the place that was named, and nowhere that it points to.
    redirect: 'error',
    signal: AbortSignal.timeout(ATTEMPT_WITHIN_MS),
  }).catch(() => {
    throw noToken(`${new URL(endpoint).host} could not be reached`);
  });
  if (!response.ok) throw noToken(`${new URL(endpoint).host} answered ${response.status}`);
  const read = answered.safeParse(await response.json().catch(() => undefined));
  if (read.success) return read.data.SigninToken;
  throw noToken(`${new URL(endpoint).host} answered something else`);
}

const noToken = (why: string): Ending =>
  new Ending(
    exitCode.failure,
    `AWS gave no address of its console: ${why}.`,
    'The session is open and can be used without the console: countersign exec ENTITLEMENT -- COMMAND',
  );
