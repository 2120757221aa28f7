import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { MakersWord } from './software-authenticator.ts';

const textOf = (name: string): string => readFileSync(new URL(`makers/${name}.pem`, import.meta.url), 'utf8');

/** Certificates of an invented maker, in PEM. */
export const makersCertificates = (...names: readonly string[]): string => names.map(textOf).join('\n');

/** An authenticator's attestation under these certificates, its own first. */
export const wordOf = (own: string, ...above: readonly string[]): MakersWord => ({
  key: createPrivateKey(textOf(`${own}.key`)),
  chain: [own, ...above].map((name) => new X509Certificate(textOf(name)).raw),
});
