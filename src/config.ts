import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { Failure, type Mistake } from './domain/errors.ts';
import { unfitIdentityClaim } from './identity/identity-claim.ts';
import { type IssuerConfig, issuerDefaults } from './identity/issuer-config.ts';
import type { WorkloadIssuerConfig } from './identity/workload.ts';
import type { JsonObject } from './log/json.ts';
import type { EmailConfig } from './notify/email.ts';
import type { WebhookConfig } from './notify/webhook.ts';

const MOST_BYTES = 65_536;

/** A secret is never written in the file itself: it names where the secret is. */
const secretRef = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ env: z.string().min(1) }),
]);
type SecretRef = z.infer<typeof secretRef>;

const httpsOrLoopback = z
  .url()
  .refine(
    (text) => isHttpsOrLoopback(text),
    'must be https:// (plain http:// only on 127.0.0.1, [::1] or localhost)',
  );

const issuerName = z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, 'is a short lower-case name, for example corp');

const issuer = z.strictObject({
  name: issuerName,
  issuer: httpsOrLoopback,
  client_id: z.string().min(1),
  client_secret: secretRef.optional(),
  scopes: z.array(z.string()).default([...issuerDefaults.scopes]),
  identity_claim: z
    .array(z.string())
    .superRefine((claims, context) => {
      const unfit = unfitIdentityClaim(claims);
      if (unfit !== undefined) context.addIssue({ code: 'custom', message: unfit });
    })
    .default([...issuerDefaults.identity_claim]),
  groups_claim: z.string().default(issuerDefaults.groups_claim),
  name_claim: z.string().default(issuerDefaults.name_claim),
  max_claims_age_seconds: z.int().min(0).max(900).default(issuerDefaults.max_claims_age_seconds),
});

const workloadIssuer = z.strictObject({
  name: issuerName,
  issuer: httpsOrLoopback,
  audience: z.string().min(1),
  algorithms: z.array(z.enum(['RS256', 'PS256', 'ES256', 'EdDSA'])).min(1),
  jwks_uri: httpsOrLoopback.optional(),
});

const aws = z.strictObject({
  region: z
    .string()
    .regex(/^[a-z]{2}(-[a-z]+)+-[0-9]$/)
    .optional(),
  partition: z.enum(['aws', 'aws-cn', 'aws-us-gov']).optional(),
  endpoint: httpsOrLoopback.optional(),
  /** The broker's own credentials come from a role session: AWS then bounds sessions to an hour. */
  chained: z.boolean().default(false),
  /** By account number, in quotes. Not a secret to AWS, but one each. */
  external_ids: z.record(z.string().regex(/^[0-9]{12}$/), z.string().min(2).max(1224)).default({}),
});

const mailServer = z
  .url()
  .refine(
    (text) => readMailServer(text) !== undefined,
    'is smtps://host:465 or smtp://host:587, without a name, a password or a path in it',
  );

const notify = z.strictObject({
  webhook: z
    .strictObject({
      /** An address that is itself a secret is named like one: what stands here goes into the log. */
      url: z.union([httpsOrLoopback, secretRef]),
      /** Newest first: each signs, so that one can be changed without a moment in which nothing is believed. */
      secrets: z.array(secretRef).min(1).max(3),
    })
    .optional(),
  email: z
    .strictObject({
      server: mailServer,
      user: z.string().min(1).max(256).optional(),
      password: secretRef.optional(),
      from: z.email().max(254),
    })
    .refine(
      ({ user, password }) => (user === undefined) === (password === undefined),
      'give both `user` and `password`, or neither',
    )
    .optional(),
  /** Names, tickets and reasons may leave the broker. */
  personal_text: z.boolean().default(false),
});

const file = z.strictObject({
  origin: z
    .string()
    .regex(/^[^\s+]{1,200}$/, 'is one word without blanks and +, for example countersign.example.com/log'),
  public_url: httpsOrLoopback,
  listen: z
    .string()
    .regex(/^[^\s]+:[0-9]{1,5}$/, 'is address:port, for example 127.0.0.1:8470')
    .default('127.0.0.1:8470'),
  trusted_proxies: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).default([]),
  issuers: z.array(issuer).min(1, 'name at least one identity provider'),
  workload_issuers: z.array(workloadIssuer).default([]),
  introspection: z.record(z.string(), secretRef).default({}),
  aws: aws.optional(),
  notify: notify.optional(),
  /** A browser at rest for this long is signed out. */
  browser_idle_minutes: z.int().min(5).max(720).default(60),
  log_level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

/** null: not by that way. */
export interface NotifyConfig {
  readonly webhook: WebhookConfig | null;
  readonly email: EmailConfig | null;
  readonly personalText: boolean;
}

export const notifyNobody: NotifyConfig = { webhook: null, email: null, personalText: false };

/** What the broker runs under: complete, checked, secrets read. */
export interface Config {
  readonly origin: string;
  readonly publicUrl: string;
  readonly listen: { readonly address: string; readonly port: number };
  readonly trustedProxies: readonly string[];
  readonly issuers: readonly IssuerConfig[];
  readonly workloadIssuers: readonly WorkloadIssuerConfig[];
  /** Lower-case hexadecimal SHA-256 of each target's client secret. */
  readonly introspectionSecrets: ReadonlyMap<string, string>;
  readonly aws: z.infer<typeof aws> | null;
  readonly notify: NotifyConfig;
  /** A browser at rest for this long is signed out. */
  readonly browserIdleMs: number;
  readonly logLevel: z.infer<typeof file>['log_level'];
  /** PostgreSQL's address, with its password; null: the log is a file in the data directory. */
  readonly databaseUrl: string | null;
  /** The same without any secret, for the log. */
  readonly shown: JsonObject;
}

/**
 * Reads the one configuration file. `COUNTERSIGN_PUBLIC_URL` and `COUNTERSIGN_LISTEN` take the place of its lines;
 * where the log is, only the environment says: `COUNTERSIGN_DATABASE_URL`, or `…_FILE` for a file that holds it.
 * @throws Failure `malformed-input` that lists every mistake at once, each with its line
 */
export function readConfig(path: string, environment: Readonly<Record<string, string | undefined>>): Config {
  const { value, lineOf } = readYaml(path);
  const parsed = file.safeParse({ ...value, ...overridesFrom(environment) });
  const mistakes: Mistake[] = parsed.success
    ? repeatedNames(parsed.data)
    : parsed.error.issues.map((issue) => ({ at: lineOf(issue.path), message: sayIssue(issue) }));
  if (!parsed.success || mistakes.length > 0) throw badConfig(path, mistakes);
  const secrets = secretReader(path, environment, mistakes, lineOf);
  const config = complete(parsed.data, secrets, databaseUrlFrom(environment));
  if (mistakes.length > 0) throw badConfig(path, mistakes);
  return config;
}

function complete(data: z.infer<typeof file>, readSecret: SecretReader, databaseUrl: string | null): Config {
  const { address, port } = splitListen(data.listen);
  return {
    origin: data.origin,
    publicUrl: data.public_url.replace(/\/+$/, ''),
    listen: { address, port },
    trustedProxies: data.trusted_proxies,
    issuers: data.issuers.map(({ client_secret, ...rest }, at) => ({
      ...rest,
      allow_http_loopback: rest.issuer.startsWith('http:'),
      ...(client_secret === undefined ? {} : { client_secret: readSecret(client_secret, ['issuers', at]) }),
    })),
    workloadIssuers: data.workload_issuers.map(({ jwks_uri, ...rest }) => ({
      ...rest,
      ...(jwks_uri === undefined ? {} : { jwks_uri }),
      allow_http_loopback: rest.issuer.startsWith('http:'),
    })),
    introspectionSecrets: new Map(
      Object.entries(data.introspection).map(([target, ref]) => [
        target,
        hash('sha256', readSecret(ref, ['introspection', target]), 'hex'),
      ]),
    ),
    aws: data.aws ?? null,
    notify: data.notify === undefined ? notifyNobody : notifyOf(data.notify, readSecret),
    browserIdleMs: data.browser_idle_minutes * 60_000,
    logLevel: data.log_level,
    databaseUrl,
    // The file names where secrets are, never what they are, so all of it may be shown.
    shown: JSON.parse(JSON.stringify(data)) as JsonObject,
  };
}

function notifyOf(data: z.infer<typeof notify>, readSecret: SecretReader): NotifyConfig {
  const { webhook, email, personal_text } = data;
  const at = ['notify', 'webhook'];
  return {
    webhook:
      webhook === undefined
        ? null
        : {
            url:
              typeof webhook.url === 'string'
                ? webhook.url
                : readSecret(webhook.url, [...at, 'url'], isHttpsOrLoopback, 'an https:// address'),
            secrets: webhook.secrets.map((ref, index) =>
              readSecret(
                ref,
                [...at, 'secrets', index],
                isWebhookSecret,
                'whsec_ and 24 to 64 bytes in base64',
              ),
            ),
          },
    email: email === undefined ? null : emailOf(email, readSecret),
    personalText: personal_text,
  };
}

function emailOf(
  { server, user, password, from }: NonNullable<z.infer<typeof notify>['email']>,
  readSecret: SecretReader,
): EmailConfig {
  const { host, port, tls } = readMailServer(server) ?? { host: '', port: 0, tls: true };
  const login =
    user === undefined || password === undefined
      ? null
      : { user, password: readSecret(password, ['notify', 'email', 'password']) };
  return { host, port, tls, login, from };
}

/** undefined: it says more, or less, than a server. */
function readMailServer(text: string): Pick<EmailConfig, 'host' | 'port' | 'tls'> | undefined {
  const [, scheme, host = '', port] =
    /^(smtps?):\/\/(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(?::([0-9]{1,5}))?\/?$/i.exec(text) ?? [];
  if (scheme === undefined || Number(port ?? 1) > 65_535) return undefined;
  const tls = scheme.toLowerCase() === 'smtps';
  return {
    host: host.replace(/^\[(.*)\]$/, '$1').toLowerCase(),
    port: Number(port ?? (tls ? 465 : 587)),
    tls,
  };
}

/** Standard Webhooks: 24 to 64 random bytes. */
function isWebhookSecret(text: string): boolean {
  const [, encoded = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded && bytes.length >= 24 && bytes.length <= 64;
}

interface Yaml {
  readonly value: Record<string, unknown>;
  readonly lineOf: (path: readonly PropertyKey[]) => string;
}

function readYaml(path: string): Yaml {
  const text = readText(path);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
  });
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw badConfig(path, [
      { at: `${line}:${col}`, message: broken.message.split('\n')[0] ?? 'is not valid YAML' },
    ]);
  }
  const value = plainValue(document, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badConfig(path, [
      { at: '1:1', message: 'must be a mapping; docs/configuration.md has one to start from' },
    ]);
  }
  const lineOf = (steps: readonly PropertyKey[]): string => {
    for (let length = steps.length; length > 0; length--) {
      const node: unknown = document.getIn(steps.slice(0, length), true);
      const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
      if (Array.isArray(range)) {
        const { line, col } = lines.linePos(Number(range[0]));
        return `${line}:${col}`;
      }
    }
    return '1:1';
  };
  return { value: value as Record<string, unknown>, lineOf };
}

/** An alias says the same thing in two places, which nobody needs in a file of this size. */
function plainValue(document: ReturnType<typeof parseDocument>, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw badConfig(path, [{ at: '1:1', message: 'holds an alias (*name); write the value out' }]);
  }
}

function readText(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MOST_BYTES)
      throw badConfig(path, [{ at: '1:1', message: `is larger than ${MOST_BYTES} bytes` }]);
    return text;
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('malformed-input', `The configuration ${path} cannot be read.`, {
      mend: 'Write one (docs/configuration.md), and name it with --config.',
      cause,
    });
  }
}

/** `fits` and `form`: what it has to be beside long enough. */
type SecretReader = (
  ref: SecretRef,
  at: readonly PropertyKey[],
  fits?: (secret: string) => boolean,
  form?: string,
) => string;

function secretReader(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
  mistakes: Mistake[],
  lineOf: Yaml['lineOf'],
): SecretReader {
  return (ref, at, fits = isLongEnough, form = 'a secret of at least 16 characters') => {
    const text = 'env' in ref ? environment[ref.env] : readSecretFile(resolve(dirname(path), ref.file));
    const secret = text?.trim();
    if (secret !== undefined && fits(secret)) return secret;
    const where = 'env' in ref ? `the environment variable ${ref.env}` : `the file ${ref.file}`;
    mistakes.push({ at: lineOf(at), message: `${where} must hold ${form}` });
    return '';
  };
}

const isLongEnough = (secret: string): boolean => secret.length >= 16;

function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * An address of a database as it was given, or null for the file in the data directory.
 * @throws Failure `malformed-input`
 */
export function databaseUrlFrom(environment: Readonly<Record<string, string | undefined>>): string | null {
  const given = environment['COUNTERSIGN_DATABASE_URL'];
  const path = environment['COUNTERSIGN_DATABASE_URL_FILE'];
  if (given !== undefined && path !== undefined) {
    throw new Failure('malformed-input', 'Two places say where the database is.', {
      mend: 'Set COUNTERSIGN_DATABASE_URL or COUNTERSIGN_DATABASE_URL_FILE, not both.',
    });
  }
  if (given === undefined && path === undefined) return null;
  const url = (path === undefined ? given : readSecretFile(path))?.trim() ?? '';
  if (/^postgres(ql)?:\/\//.test(url) && URL.canParse(url)) return url;
  // What was given is not repeated: it may hold a password.
  throw new Failure(
    'malformed-input',
    path === undefined
      ? 'COUNTERSIGN_DATABASE_URL is not an address of PostgreSQL.'
      : `The file ${path} of COUNTERSIGN_DATABASE_URL_FILE holds no address of PostgreSQL.`,
    {
      mend: 'Write postgres://ROLE:PASSWORD@HOST:5432/DATABASE; leave it out for a file in the data directory.',
    },
  );
}

const overridesFrom = (environment: Readonly<Record<string, string | undefined>>) => ({
  ...(environment['COUNTERSIGN_PUBLIC_URL'] === undefined
    ? {}
    : { public_url: environment['COUNTERSIGN_PUBLIC_URL'] }),
  ...(environment['COUNTERSIGN_LISTEN'] === undefined ? {} : { listen: environment['COUNTERSIGN_LISTEN'] }),
});

function repeatedNames({ issuers, workload_issuers }: z.infer<typeof file>): Mistake[] {
  const names = [...issuers, ...workload_issuers].map(({ name }) => name);
  const repeated = names.filter((name, at) => names.indexOf(name) !== at);
  return repeated.map((name) => ({ at: '1:1', message: `two issuers are named ${name}` }));
}

function sayIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return `${where === '' ? '' : `${where}: `}unknown: ${issue.keys.join(', ')}`;
  return `${where}: ${issue.message}`;
}

const badConfig = (path: string, mistakes: readonly Mistake[]): Failure =>
  new Failure(
    'malformed-input',
    `The configuration ${path} has ${mistakes.length} mistake${mistakes.length === 1 ? '' : 's'}.`,
    {
      mistakes,
      mend: 'docs/configuration.md explains every line.',
    },
  );

function splitListen(listen: string): { address: string; port: number } {
  const colon = listen.lastIndexOf(':');
  return {
    address: listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(listen.slice(colon + 1)),
  };
}

function isHttpsOrLoopback(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
  );
}
