import type { Session } from './answers.ts';

/** What programs look for, and would use in the place of what was just issued. */
const strangers = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_SECURITY_TOKEN',
  'AWS_CREDENTIAL_EXPIRATION',
  'AWS_PROFILE',
  'AWS_DEFAULT_PROFILE',
  'COUNTERSIGN_TOKEN',
  'COUNTERSIGN_AUDIENCE',
] as const;

export interface EnvironmentChange {
  readonly set: Readonly<Record<string, string>>;
  /** Left over from elsewhere: taken away, so that nothing else is used by mistake. */
  readonly unset: readonly string[];
}

/** One session's credentials as environment variables: for AWS its own names, for a token ours. */
export function credentialsEnvironment({ credentials, grant, expires_at }: Session): EnvironmentChange {
  const ours = { COUNTERSIGN_GRANT: grant, COUNTERSIGN_EXPIRES_AT: expires_at };
  const set =
    credentials.kind === 'token'
      ? { COUNTERSIGN_TOKEN: credentials.token, COUNTERSIGN_AUDIENCE: credentials.audience, ...ours }
      : { ...awsVariables(credentials, expires_at), ...ours };
  return { set, unset: strangers.filter((name) => !Object.hasOwn(set, name)) };
}

function awsVariables(
  credentials: Extract<Session['credentials'], { kind: 'aws' }>,
  expiresAt: string,
): Readonly<Record<string, string>> {
  const { access_key_id, secret_access_key, session_token, region } = credentials;
  return {
    AWS_ACCESS_KEY_ID: access_key_id,
    AWS_SECRET_ACCESS_KEY: secret_access_key,
    AWS_SESSION_TOKEN: session_token,
    AWS_CREDENTIAL_EXPIRATION: expiresAt,
    ...(region === null ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
  };
}

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
