import type { Actor } from '../../domain/actor.ts';
import { streams } from '../../domain/ids.ts';
import { waitsForVoucher } from '../../domain/person/recovered-factor-is-vouched.ts';
import { personFold } from '../../domain/person/state.ts';
import { restsUntilMs } from '../../domain/request/rules/recovered-factor-rests-a-day.ts';
import type { Broker } from '../broker.ts';
import { personalTexts } from '../personal-text.ts';
import { groupsNow } from '../prepared.ts';
import { listGrants, listWaiting } from './list-requests.ts';
import { namesOf } from './names.ts';
import { iso, isoOrNull } from './time.ts';

export interface MeView {
  readonly person: string;
  readonly kind: 'human' | 'workload';
  readonly display_name: string | null;
  readonly issuer: string;
  /** The policy's groups; for a workload its own name. */
  readonly groups: readonly string[];
  readonly factors: readonly {
    readonly factor: string;
    readonly kind: 'totp' | 'passkey';
    readonly enrolled_at: string;
    readonly means: 'enrolment-code' | 'factor' | 'recovery-code';
    readonly label: string | null;
    /** null: it shows codes. */
    readonly passkey: {
      readonly credential: string;
      readonly aaguid: string;
      /** Whether it may be on several devices. */
      readonly synced: boolean;
    } | null;
    /** A recovery code enrolled it; it proves nothing before a colleague has vouched. */
    readonly waits_for_voucher: boolean;
  }[];
  /** Until when they sign nothing for others, because a factor of theirs was recovered; null: they do. */
  readonly rests_until: string | null;
  readonly sign_in: string | null;
  /** When the sign-in ends; null for a workload, whose token says it. */
  readonly expires_at: string | null;
  /** What waits for them, and what they hold: up to 100 of each. */
  readonly waiting: number;
  readonly active: number;
}

const COUNTED = { limit: 100, before: undefined };

/** Who the caller is, as the broker sees it. */
export async function meView(broker: Broker, actor: Actor, expiresAtMs: number | null): Promise<MeView> {
  const known = await broker.policies.inForceIfAny();
  const stream = streams.person(actor.person);
  const state = (await broker.sequencer.read([stream])).state(personFold, stream);
  const factors = Object.values(state.factors);
  const [text, name, waiting, active] = await Promise.all([
    personalTexts(
      broker,
      factors.map(({ seq }) => seq),
    ),
    namesOf(broker, [actor.person]),
    listWaiting(broker, actor, COUNTED),
    listGrants(broker, actor, true, COUNTED),
  ]);
  const groups = known === undefined ? [] : groupsNow(known.policy, actor, broker.clock.nowMs());
  return {
    person: actor.person,
    kind: actor.kind,
    display_name: actor.workload ?? name(actor.person).display_name,
    issuer: actor.issuer,
    groups: actor.workload === null ? groups : [actor.workload],
    factors: factors.map(({ factor, kind, passkey, enrolledAtMs, means, seq }) => ({
      factor,
      kind,
      passkey: passkey && {
        credential: passkey.credential,
        aaguid: passkey.aaguid,
        synced: passkey.backup_eligible,
      },
      enrolled_at: iso(enrolledAtMs),
      means,
      label: text(seq, 'label'),
      waits_for_voucher: waitsForVoucher(state, factor),
    })),
    rests_until: isoOrNull(restsUntilMs(state, broker.clock.nowMs()) ?? null),
    sign_in: actor.signIn,
    expires_at: isoOrNull(expiresAtMs),
    waiting: waiting.items.length,
    active: active.items.length,
  };
}
