import { hash } from 'node:crypto';
import { z } from 'zod';
import type { Sealer } from '../app/ports.ts';
import type { SecretChange, SecretStore } from '../app/store.ts';
import { cliCallback } from './cli-callback.ts';
import { openJson, sealJson } from './sealed-json.ts';

const ATTEMPT_MS = 10 * 60_000;

const attempt = z.strictObject({
  /** Name of the configured issuer: the answer is judged by what this one says. */
  issuer: z.string(),
  redirect_uri: z.string(),
  code_verifier: z.string(),
  nonce: z.string(),
  goes_to: z.discriminatedUnion('kind', [
    cliCallback.extend({ kind: z.literal('command-line') }),
    z.strictObject({ kind: z.literal('browser'), returnTo: z.string(), browser: z.string() }),
    z.strictObject({ kind: z.literal('device'), device: z.string(), browser: z.string() }),
  ]),
});
/** A sign-in that was begun and waits for the provider's answer. */
export type SignInAttempt = z.infer<typeof attempt>;

/** To be stored before anybody is sent to the provider. It is found by its state's hash, for ten minutes. */
export function keepAttempt(
  sealer: Sealer,
  state: string,
  value: SignInAttempt,
  nowMs: number,
): SecretChange {
  const id = hash('sha256', state, 'hex');
  return {
    id,
    // Who it will be is not known yet.
    person: '',
    kind: 'sign-in-attempt',
    value: sealJson(sealer, value, associatedWith(id)),
    expiresAtMs: nowMs + ATTEMPT_MS,
  };
}

/** Each attempt can be taken once; undefined: there is none, or it is too old. */
export async function takeAttempt(
  { secrets, sealer }: { readonly secrets: SecretStore; readonly sealer: Sealer },
  state: string,
  nowMs: number,
): Promise<SignInAttempt | undefined> {
  const id = hash('sha256', state, 'hex');
  const taken = await secrets.take('sign-in-attempt', id);
  if (taken === undefined || taken.expiresAtMs === null || taken.expiresAtMs <= nowMs) return undefined;
  return openJson(sealer, attempt, taken.value, associatedWith(id));
}

const associatedWith = (id: string): string => `sign-in-attempt\n${id}`;
