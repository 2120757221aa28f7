import type { Actor } from '../domain/actor.ts';
import { type EnrolmentCodeId, type PersonId, streams } from '../domain/ids.ts';
import { ENROLMENT_CODE_LIVES_MS } from '../domain/person/enrol.ts';
import { personFold } from '../domain/person/state.ts';
import { decideVouch } from '../domain/person/vouch.ts';
import { utf8 } from '../log/bytes.ts';
import type { Broker } from './broker.ts';
import { checkCode, factorStates, factorStreams, refusalStreams, refusalsState } from './factor.ts';
import { notFound } from './find-grant.ts';
import { commandOf } from './prepared.ts';

export interface Vouched {
  /** Shown once; hand it over in person or by a call. */
  readonly enrolment_code: string;
  readonly expires_at_ms: number;
  readonly entries: readonly number[];
}

/** Says that a colleague who signed in is who they are, so that they can enrol their first factor. */
export async function vouchForPerson(
  broker: Broker,
  actor: Actor,
  forPerson: PersonId,
  totp: string | undefined,
): Promise<Vouched> {
  const [row] = await broker.store.rows({ table: 'people', where: { key: forPerson }, limit: 1 });
  if (row === undefined) throw notFound('person');
  const nowMs = broker.clock.nowMs();
  const shown = await checkCode(broker, actor, totp);
  const code: EnrolmentCodeId = `v-${broker.random.ulid(nowMs)}`;
  const fresh = broker.paperCodes.newEnrolmentCode();
  const expiresAtMs = nowMs + ENROLMENT_CODE_LIVES_MS;
  const secret = {
    id: fresh.hash,
    person: forPerson,
    kind: 'enrolment-code',
    value: utf8(code),
    expiresAtMs,
  } as const;
  const command = commandOf<Vouched>({
    actor,
    streams: [
      streams.person(forPerson),
      ...factorStreams(actor.person, shown, nowMs),
      ...refusalStreams(actor.person, nowMs),
    ],
    factsAtMs: nowMs,
    idempotency: undefined,
    about: undefined,
    judge(view, decidedAtMs) {
      const judged = decideVouch({
        actor,
        forPerson,
        other: view.state(personFold, streams.person(forPerson)),
        code,
        shown,
        factorStates: factorStates(view, actor.person, shown, decidedAtMs),
        refusals: refusalsState(view, actor.person, decidedAtMs),
        nowMs: decidedAtMs,
      });
      return judged.refusal === undefined ? { ...judged, secrets: [secret] } : judged;
    },
    result: ({ entries }) => ({
      enrolment_code: fresh.code,
      expires_at_ms: expiresAtMs,
      entries: entries.map(({ seq }) => seq),
    }),
  });
  return broker.sequencer.submit(command);
}
