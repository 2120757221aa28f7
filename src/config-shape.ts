import { z } from 'zod';
import { unfitIdentityClaim } from './identity/identity-claim.ts';
import { issuerDefaults } from './identity/issuer-config.ts';
import type { EmailConfig } from './notify/email.ts';

/** A secret is never written in the file itself: it names where the secret is. */
const secretRef = z.union([
  z.strictObject({ file: z.string().min(1) }),
  z.strictObject({ env: z.string().min(1) }),
]);
export type SecretRef = z.infer<typeof secretRef>;

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

export const aws = z.strictObject({
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

export const notify = z.strictObject({
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

export const file = z.strictObject({
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
  /** Certificates of makers of authenticators, in PEM: an attestation that a policy wants has to lead to one of them. */
  attestation_roots: z.array(secretRef).max(50).default([]),
  aws: aws.optional(),
  notify: notify.optional(),
  /** A browser at rest for this long is signed out. */
  browser_idle_minutes: z.int().min(5).max(720).default(60),
  /** A page may open a session and show its credentials once; false: programs alone get them. */
  sessions_in_browsers: z.boolean().default(true),
  log_level: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
});

/** undefined: it says more, or less, than a server. */
export function readMailServer(text: string): Pick<EmailConfig, 'host' | 'port' | 'tls'> | undefined {
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
export function isWebhookSecret(text: string): boolean {
  const [, encoded = ''] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(text) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  return bytes.toString('base64') === encoded && bytes.length >= 24 && bytes.length <= 64;
}

export function isHttpsOrLoopback(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return (
    protocol === 'https:' || (protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname))
  );
}
