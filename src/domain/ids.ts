/**
 * Identifiers carry their kind as a prefix, so that a person at a terminal cannot mix them up:
 * `r-` request, `g-` grant, `s-` session, `f-` factor, `i-` sign-in, `c-` command, `v-` enrolment code, `x-` reset,
 * each followed by a ULID (26 characters, Crockford base 32); `p-` person, followed by 26 characters of lower-case
 * base 32 derived from issuer and subject under a key (see identity/person-id.ts); `w-` a workload likewise.
 */
export type RequestId = `r-${string}`;
export type GrantId = `g-${string}`;
export type SessionId = `s-${string}`;
export type FactorId = `f-${string}`;
export type SignInId = `i-${string}`;
export type CommandId = `c-${string}`;
export type EnrolmentCodeId = `v-${string}`;
/** Of a person's factors, asked for by one administrator. */
export type ResetId = `x-${string}`;
export type PersonId = `p-${string}` | `w-${string}`;

const ulid = '[0-9A-HJKMNP-TV-Z]{26}';
export const idPattern = {
  request: new RegExp(`^r-${ulid}$`),
  grant: new RegExp(`^g-${ulid}$`),
  session: new RegExp(`^s-${ulid}$`),
  factor: new RegExp(`^f-${ulid}$`),
  signIn: new RegExp(`^i-${ulid}$`),
  command: new RegExp(`^c-${ulid}$`),
  enrolmentCode: new RegExp(`^v-${ulid}$`),
  reset: new RegExp(`^x-${ulid}$`),
  person: /^[pw]-[a-z2-7]{26}$/,
} as const;

/** A stream is one thing's history. The kind is the text before the first `/`. */
export type StreamId =
  | 'log'
  | 'policy'
  | `notifications/${string}`
  | `request/${string}`
  | `person/${string}`
  | `sign-in/${string}`
  | `factor-use/${string}`
  | `passkey-use/${string}`
  | `attempts/${string}`
  | `refusals/${string}`
  | `ticket/${string}`
  | `break-glass/${string}`;

export const streams = {
  log: 'log',
  policy: 'policy',
  /** What was told about one request, one person, or `policy`. */
  notifications: (matter: string): StreamId => `notifications/${matter}`,
  request: (request: string): StreamId => `request/${request}`,
  person: (person: string): StreamId => `person/${person}`,
  signIn: (signIn: string): StreamId => `sign-in/${signIn}`,
  /** One stream for each factor and time step: it can be written once, so a code can be used once. */
  factorUse: (factor: string, step: number): StreamId => `factor-use/${factor}/${step}`,
  /** What a passkey signed, one after the other: its nonces serve once, and its counter only rises. */
  passkeyUse: (factor: string): StreamId => `passkey-use/${factor}`,
  /** Wrong codes, by quarter of an hour; the rule reads this one and the one before. */
  attempts: (person: string, quarter: number): StreamId => `attempts/${person}/${quarter}`,
  /** Refusals worth seeing, by hour, so that their number can be bounded. */
  refusals: (person: string, hour: number): StreamId => `refusals/${person}/${hour}`,
  ticket: (source: string, ticket: string): StreamId => `ticket/${source}/${ticket}`,
  breakGlass: (person: string): StreamId => `break-glass/${person}`,
} as const;
