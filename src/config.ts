import { hash } from 'node:crypto';
import type { z } from 'zod';
import {
  type aws,
  file,
  isHttpsOrLoopback,
  isWebhookSecret,
  type notify,
  readMailServer,
  type SecretRef,
} from './config-shape.ts';
import { badConfig, readYaml, type Yaml } from './config-yaml.ts';
import type { Mistake } from './domain/errors.ts';
import { type AttestationRoot, readRoots } from './identity/attestation-roots.ts';
import type { IssuerConfig } from './identity/issuer-config.ts';
import type { WorkloadIssuerConfig } from './identity/workload.ts';
import type { JsonObject } from './log/json.ts';
import type { EmailConfig } from './notify/email.ts';
import type { WebhookConfig } from './notify/webhook.ts';

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
  /** Makers of authenticators whose certificates are believed. Empty: no certificate is looked at. */
  readonly attestationRoots: readonly AttestationRoot[];
  readonly aws: z.infer<typeof aws> | null;
  readonly notify: NotifyConfig;
  /** A browser at rest for this long is signed out. */
  readonly browserIdleMs: number;
  /** Whether a browser may open sessions and is shown their credentials. */
  readonly sessionsInBrowsers: boolean;
  readonly logLevel: z.infer<typeof file>['log_level'];
  /** PostgreSQL's address, with its password; null: the log is a file in the data directory. */
  readonly databaseUrl: string | null;
  /** The same without any secret, for the log. */
  readonly shown: JsonObject;
}

/** The file's text, and where the secrets are that it names. */
export interface ConfigSource {
  /** As it is told in what is wrong with it. */
  readonly path: string;
  readonly text: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** undefined: there is no such file, or it cannot be read. */
  readonly readFile: (name: string) => string | undefined;
  readonly databaseUrl: string | null;
}

/** @throws Failure `malformed-input` that lists every mistake at once, each with its line */
export function checkConfig(source: ConfigSource): Config {
  const { path, environment } = source;
  const { value, lineOf } = readYaml(path, source.text);
  const parsed = file.safeParse({ ...value, ...overridesFrom(environment) });
  const mistakes: Mistake[] = parsed.success
    ? repeatedNames(parsed.data)
    : parsed.error.issues.map((issue) => ({ at: lineOf(issue.path), message: sayIssue(issue) }));
  if (!parsed.success || mistakes.length > 0) throw badConfig(path, mistakes);
  const config = complete(parsed.data, secretReader(source, mistakes, lineOf), source.databaseUrl);
  if (mistakes.length > 0) throw badConfig(path, mistakes);
  return config;
}

function complete(data: z.infer<typeof file>, readSecret: SecretReader, databaseUrl: string | null): Config {
  const { address, port } = splitListen(data.listen);
  const attestationRoots = data.attestation_roots.flatMap((ref, at) => {
    const isPem = (text: string) => readRoots(text) !== undefined;
    return readRoots(readSecret(ref, ['attestation_roots', at], isPem, 'certificates in PEM')) ?? [];
  });
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
    attestationRoots,
    aws: data.aws ?? null,
    notify: data.notify === undefined ? notifyNobody : notifyOf(data.notify, readSecret),
    browserIdleMs: data.browser_idle_minutes * 60_000,
    sessionsInBrowsers: data.sessions_in_browsers,
    logLevel: data.log_level,
    databaseUrl,
    // The file names where secrets are, never what they are, so all of it may be shown.
    shown: JSON.parse(
      JSON.stringify({ ...data, attestation_roots: attestationRoots.map(({ digest }) => digest) }),
    ) as JsonObject,
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

/** `fits` and `form`: what it has to be beside long enough. */
type SecretReader = (
  ref: SecretRef,
  at: readonly PropertyKey[],
  fits?: (secret: string) => boolean,
  form?: string,
) => string;

function secretReader(
  { environment, readFile }: ConfigSource,
  mistakes: Mistake[],
  lineOf: Yaml['lineOf'],
): SecretReader {
  return (ref, at, fits = isLongEnough, form = 'a secret of at least 16 characters') => {
    const text = 'env' in ref ? environment[ref.env] : readFile(ref.file);
    const secret = text?.trim();
    if (secret !== undefined && fits(secret)) return secret;
    const where = 'env' in ref ? `the environment variable ${ref.env}` : `the file ${ref.file}`;
    mistakes.push({ at: lineOf(at), message: `${where} must hold ${form}` });
    return '';
  };
}

const isLongEnough = (secret: string): boolean => secret.length >= 16;

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

function splitListen(listen: string): { address: string; port: number } {
  const colon = listen.lastIndexOf(':');
  return {
    address: listen.slice(0, colon).replace(/^\[(.*)\]$/, '$1'),
    port: Number(listen.slice(colon + 1)),
  };
}

function sayIssue(issue: z.core.$ZodIssue): string {
  const where = issue.path.join('.');
  if (issue.code === 'unrecognized_keys')
    return `${where === '' ? '' : `${where}: `}unknown: ${issue.keys.join(', ')}`;
  return `${where}: ${issue.message}`;
}
