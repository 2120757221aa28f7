import { hash } from 'node:crypto';
import { Failure } from '../domain/errors.ts';
import type { VerifiedProof } from './dpop.ts';

/**
 * Which proofs were used, until each is too old by itself. Nothing is ever dropped early: when the memory
 * is full, or one key has used its share, further proofs fail with `too-many-requests` until old ones have
 * run out.
 */
export interface ReplayMemory {
  /** @throws Failure `not-signed-in` for a proof used before, `too-many-requests` when there is no room */
  spend(proof: VerifiedProof, nowMs: number): void;
}

/**
 * In this process only: a proof captured in flight could be shown again to another broker, or after a
 * restart, within its minute. Whoever reads the traffic of a TLS connection has more than that already.
 * @param bounds.most remembered proofs, about 150 bytes each; `mostPerKey` keeps one person from locking
 *   out the rest
 */
export function replayMemory(
  bounds: { most: number; mostPerKey: number } = { most: 1_000_000, mostPerKey: 250_000 },
): ReplayMemory {
  const used = new Set<string>();
  const usedByKey = new Map<string, number>();
  /** By second of expiry, so that forgetting costs nothing per call. */
  const expiring = new Map<number, { id: string; key: string }[]>();
  let forgottenUpTo = Number.NEGATIVE_INFINITY;

  function forget({ id, key }: { id: string; key: string }): void {
    used.delete(id);
    const left = (usedByKey.get(key) ?? 1) - 1;
    if (left === 0) usedByKey.delete(key);
    else usedByKey.set(key, left);
  }

  function forgetExpired(nowSecond: number): void {
    if (nowSecond <= forgottenUpTo) return;
    forgottenUpTo = nowSecond;
    for (const [second, proofs] of expiring) {
      if (second > nowSecond) continue;
      expiring.delete(second);
      proofs.forEach(forget);
    }
  }

  return {
    spend({ thumbprint, jti, expiresAtMs }, nowMs) {
      forgetExpired(Math.floor(nowMs / 1000));
      const id = hash('sha256', `${thumbprint}\n${jti}`, 'binary');
      if (used.has(id)) throw new Failure('not-signed-in', 'the DPoP proof was used before');
      const ofKey = usedByKey.get(thumbprint) ?? 0;
      if (used.size >= bounds.most || ofKey >= bounds.mostPerKey) {
        throw new Failure('too-many-requests', 'too many calls within a minute', {
          mend: 'Wait a minute, then try again.',
        });
      }
      const second = Math.ceil(expiresAtMs / 1000);
      const proofs = expiring.get(second) ?? [];
      expiring.set(second, proofs);
      proofs.push({ id, key: thumbprint });
      used.add(id);
      usedByKey.set(thumbprint, ofKey + 1);
    },
  };
}
