import { digestOfBytes } from '../../../src/domain/digest.ts';
import type { EventType, StoredData } from '../../../src/domain/events.ts';
import type { Policy } from '../../../src/domain/policy/policy.ts';
import { policyCanonicalText } from '../../../src/domain/policy/resolve.ts';
import { utf8 } from '../../../src/log/bytes.ts';
import { policies } from '../company.ts';
import { simulatedHasher } from '../simulated-parts.ts';
import type { World } from '../world.ts';

/** One entry as the model sees it: what it says, and where it stands. */
export type Told<T extends EventType> = StoredData<T> & {
  readonly seq: number;
  readonly timeMs: number;
  readonly stream: string;
};

/** The log, read by somebody who knows nothing of how it is decided. */
export interface History {
  readonly size: number;
  at(seq: number): Told<EventType> | undefined;
  of<T extends EventType>(type: T): readonly Told<T>[];
  /** The policy with this digest, which is one of the company's. */
  policy(digest: string): Policy | undefined;
  /** In force just before this entry. */
  policyBefore(seq: number): Policy | undefined;
  request(request: string): Told<'countersign.request.submitted.v1'> | undefined;
  grant(grant: string): Told<'countersign.request.approved.v1'> | undefined;
}

const byDigest = new Map(
  policies.map((policy) => [digestOfBytes(simulatedHasher, utf8(policyCanonicalText(policy))), policy]),
);

interface Envelope {
  readonly seq: string;
  readonly time: string;
  readonly type: EventType;
  readonly stream: string;
  readonly data: object;
}

const decoder = new TextDecoder();

export function historyOf({ database }: Pick<World, 'database'>): History {
  const entries: Told<EventType>[] = [];
  const byType = new Map<EventType, Told<EventType>[]>();
  for (const { bytes } of database.entries) {
    const { seq, time, type, stream, data } = JSON.parse(decoder.decode(bytes)) as Envelope;
    // The catalogue's schema took this data when it was sealed.
    const told = { ...data, seq: Number(seq), timeMs: Date.parse(time), stream } as Told<EventType>;
    entries.push(told);
    byType.set(type, [...(byType.get(type) ?? []), told]);
  }
  const of = <T extends EventType>(type: T) => (byType.get(type) ?? []) as unknown as readonly Told<T>[];
  const firstBy = <T extends EventType>(type: T, id: (told: Told<T>) => string) =>
    new Map(of(type).map((told) => [id(told), told]));
  const requests = firstBy('countersign.request.submitted.v1', ({ request }) => request);
  const grants = firstBy('countersign.request.approved.v1', ({ grant }) => grant);
  return {
    size: entries.length,
    at: (seq) => entries[seq],
    of,
    policy: (digest) => byDigest.get(digest),
    policyBefore(seq) {
      const published = of('countersign.policy.published.v1').findLast((one) => one.seq < seq);
      return published && byDigest.get(published.to_digest);
    },
    request: (request) => requests.get(request),
    grant: (grant) => grants.get(grant),
  };
}
