import type { Actor } from '../../domain/actor.ts';
import type { EnrolmentCodeId, PersonId } from '../../domain/ids.ts';
import { ENROLMENT_CODE_LIVES_MS } from '../../domain/person/enrol.ts';
import { decideVouch } from '../../domain/person/vouch.ts';
import { decideVouchRecovery } from '../../domain/person/vouch-recovery.ts';
import { utf8 } from '../../log/bytes.ts';
import type { Broker } from '../broker.ts';
import type { View } from '../command.ts';
import { notFound } from '../grant/find-grant.ts';
import { underOnePolicy } from '../policy/policy-in-force.ts';
import { commandOf } from '../prepared.ts';
import type { FactorGiven } from './factor.ts';
import { prepareAbout } from './prepare-about.ts';

export interface Vouched {
  /** Shown once; hand it over in person or by a call. */
  readonly enrolment_code: string;
  readonly expires_at_ms: number;
  readonly entries: readonly number[];
}

/** Says that a colleague who signed in is who they are, so that they can enrol their first factor. */
export const vouchForPerson = (
  broker: Broker,
  actor: Actor,
  forPerson: PersonId,
  given: FactorGiven,
): Promise<Vouched> =>
  underOnePolicy(async () => {
    const prepared = await prepare(broker, actor, forPerson, given);
    const code: EnrolmentCodeId = `v-${broker.random.ulid(prepared.nowMs)}`;
    const fresh = broker.paperCodes.newEnrolmentCode();
    const expiresAtMs = prepared.nowMs + ENROLMENT_CODE_LIVES_MS;
    const secret = {
      id: fresh.hash,
      person: forPerson,
      kind: 'enrolment-code',
      value: utf8(code),
      expiresAtMs,
    } as const;
    const command = commandOf<Vouched>({
      ...prepared.command,
      judge(view, nowMs) {
        const judged = decideVouch({ ...prepared.input(view, nowMs), code });
        return judged.refusal === undefined ? { ...judged, secrets: [secret] } : judged;
      },
      result: ({ entries }) => ({
        enrolment_code: fresh.code,
        expires_at_ms: expiresAtMs,
        entries: entries.map(({ seq }) => seq),
      }),
    });
    return broker.sequencer.submit(command);
  });

/** Says that a colleague themselves used a recovery code, so that the factor it enrolled proves something. */
export const vouchForRecovery = (
  broker: Broker,
  actor: Actor,
  forPerson: PersonId,
  given: { readonly factor: string | null } & FactorGiven,
): Promise<readonly number[]> =>
  underOnePolicy(async () => {
    const prepared = await prepare(broker, actor, forPerson, given);
    const command = commandOf<readonly number[]>({
      ...prepared.command,
      judge: (view, nowMs) => decideVouchRecovery({ ...prepared.input(view, nowMs), factor: given.factor }),
      result: ({ entries }) => entries.map(({ seq }) => seq),
    });
    return broker.sequencer.submit(command);
  });

/** @throws Failure `not-found`: nobody of that name has signed in */
async function prepare(broker: Broker, actor: Actor, forPerson: PersonId, given: FactorGiven) {
  const [row] = await broker.store.rows({ table: 'people', where: { key: forPerson }, limit: 1 });
  if (row === undefined) throw notFound('person');
  const { input, ...prepared } = await prepareAbout(broker, actor, forPerson, given, [forPerson]);
  return {
    ...prepared,
    input: (view: View, nowMs: number) => ({ ...input(view, nowMs), forPerson }),
  };
}
