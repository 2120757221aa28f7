import { generateURI, ScureBase32Plugin, verifySync } from 'otplib';
import type { Random } from '../app/ports.ts';

const SEED_BYTES = 20;
const STEP_SECONDS = 30;
const base32 = new ScureBase32Plugin();

/** 160 random bits, the length RFC 4226 §4 R6 recommends. */
export const newTotpSeed = (random: Random): Uint8Array => random.bytes(SEED_BYTES);

/**
 * What an authenticator reads as a QR code: SHA-1, 6 digits, 30 s, the only settings that all of them know.
 */
export function otpauthUri(entry: { issuerLabel: string; account: string; seed: Uint8Array }): string {
  return generateURI({
    issuer: entry.issuerLabel,
    label: entry.account,
    secret: base32.encode(entry.seed),
    algorithm: 'sha1',
    digits: 6,
    period: STEP_SECONDS,
  });
}

/** The seed as people type it where no camera is at hand: base 32 without padding. */
export const seedText = (seed: Uint8Array): string => base32.encode(seed);

/** The RFC 6238 time step (30 s) of a moment. */
export const totpStep = (nowMs: number): number => Math.floor(nowMs / 1000 / STEP_SECONDS);

/**
 * The step whose code this is: the present one or the one before, never one to come (RFC 6238 §5.2). That a
 * step is spent once, and how often somebody may try, are rules of the domain.
 * @param code exactly as typed: anything but six ASCII digits is no code
 * @param attempt.afterStep steps up to and including this one no longer count
 */
export function matchTotp(attempt: {
  readonly seed: Uint8Array;
  readonly code: string;
  readonly nowMs: number;
  readonly afterStep?: number;
}): { readonly step: number } | undefined {
  const { seed, code, nowMs, afterStep } = attempt;
  if (!/^[0-9]{6}$/.test(code)) return undefined;
  // otplib throws on an `afterTimeStep` that leaves no step to look at.
  if (afterStep !== undefined && afterStep >= totpStep(nowMs)) return undefined;
  const found = verifySync({
    secret: seed,
    token: code,
    algorithm: 'sha1',
    digits: 6,
    period: STEP_SECONDS,
    epoch: Math.floor(nowMs / 1000),
    epochTolerance: [STEP_SECONDS, 0],
    ...(afterStep === undefined || afterStep < 0 ? {} : { afterTimeStep: afterStep }),
  });
  return found.valid && 'timeStep' in found ? { step: found.timeStep } : undefined;
}
