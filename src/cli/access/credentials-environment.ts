import type { Session } from '../answers.ts';

/** What programs look for, and would use in the place of what was just issued. */
const strangers = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'AWS_ROLE_ARN',
  'AWS_ROLE_SESSION_NAME',
  'AWS_WEB_IDENTITY_TOKEN_FILE',
  'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI',
  'AWS_CONTAINER_CREDENTIALS_FULL_URI',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN',
  'AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE',
  'COUNTERSIGN_TOKEN',
  'COUNTERSIGN_TOKEN_FILE',
  'COUNTERSIGN_AUDIENCE',
] as const;

export interface EnvironmentChange {
  readonly set: Readonly<Record<string, string>>;
  /** Left over from elsewhere: taken away, so that nothing else is used by mistake. */
  readonly unset: readonly string[];
}

/** Where a command that runs for longer fetches what comes after the first session. */
export type Refresh =
  | { readonly kind: 'token-file'; readonly path: string }
  | {
      readonly kind: 'endpoint';
      readonly url: string;
      readonly token: string;
      /** Holds nothing, so that a profile of the person's own is not found first. */
      readonly emptyFile: string;
    };

type Issued = Pick<Session, 'credentials' | 'grant' | 'expires_at'>;

/** One session's credentials as environment variables, which end with it: for AWS its own names, for a token ours. */
export function credentialsEnvironment(session: Issued): EnvironmentChange {
  const { credentials, expires_at } = session;
  return credentials.kind === 'token'
    ? changeOf(session, tokenVariables(credentials))
    : changeOf(session, { ...keyVariables(credentials, expires_at), ...regionVariables(credentials) });
}

/** As `credentialsEnvironment`, for a command that can be given new credentials while it runs. */
export function refreshedEnvironment(session: Issued, refresh: Refresh): EnvironmentChange {
  const { credentials } = session;
  if (refresh.kind === 'token-file' && credentials.kind === 'token')
    return changeOf(session, { ...tokenVariables(credentials), COUNTERSIGN_TOKEN_FILE: refresh.path });
  if (refresh.kind === 'endpoint' && credentials.kind === 'aws')
    return changeOf(session, { ...endpointVariables(refresh), ...regionVariables(credentials) });
  throw new TypeError('each kind of credentials is refreshed in its own way');
}

function changeOf({ grant, expires_at }: Issued, own: Readonly<Record<string, string>>): EnvironmentChange {
  const set = { ...own, COUNTERSIGN_GRANT: grant, COUNTERSIGN_EXPIRES_AT: expires_at };
  return { set, unset: strangers.filter((name) => !Object.hasOwn(set, name)) };
}

const tokenVariables = ({ token, audience }: Extract<Session['credentials'], { kind: 'token' }>) => ({
  COUNTERSIGN_TOKEN: token,
  COUNTERSIGN_AUDIENCE: audience,
});

type AwsCredentials = Extract<Session['credentials'], { kind: 'aws' }>;

const keyVariables = (
  { access_key_id, secret_access_key, session_token }: AwsCredentials,
  expiresAt: string,
) => ({
  AWS_ACCESS_KEY_ID: access_key_id,
  AWS_SECRET_ACCESS_KEY: secret_access_key,
  AWS_SESSION_TOKEN: session_token,
  AWS_CREDENTIAL_EXPIRATION: expiresAt,
});

/**
 * SDKs look at keys in the environment first, then at profiles, then at the endpoint, then at the machine's own role:
 * only the third is left to be found.
 */
const endpointVariables = ({ url, token, emptyFile }: Extract<Refresh, { kind: 'endpoint' }>) => ({
  AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
  AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
  AWS_CONFIG_FILE: emptyFile,
  AWS_SHARED_CREDENTIALS_FILE: emptyFile,
  AWS_EC2_METADATA_DISABLED: 'true',
});

const regionVariables = ({ region }: AwsCredentials): Readonly<Record<string, string>> =>
  region === null ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region };

export function changedEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  { set, unset }: EnvironmentChange,
): Readonly<Record<string, string | undefined>> {
  const kept = Object.entries(environment).filter(([name]) => !unset.includes(name));
  return { ...Object.fromEntries(kept), ...set };
}

/** For `eval`, in any POSIX shell: quoted so that nothing in a value is more than its text. */
export const exportLines = ({ set, unset }: EnvironmentChange): readonly string[] => [
  ...(unset.length === 0 ? [] : [`unset ${unset.join(' ')}`]),
  ...Object.entries(set).map(
    ([name, value]) => `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`,
  ),
];
