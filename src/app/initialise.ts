import { draft } from '../domain/draft.ts';
import { Failure } from '../domain/errors.ts';
import type { EnrolmentCodeId, PersonId } from '../domain/ids.ts';
import { ENROLMENT_CODE_LIVES_MS } from '../domain/person/enrol.ts';
import { logFold } from '../domain/policy-change/state.ts';
import { utf8 } from '../log/bytes.ts';
import type { Sequencer } from './command.ts';
import type { Clock, PaperCodes, Random } from './ports.ts';

export interface FirstAdministrator {
  readonly person: PersonId;
  /** Name of the configured issuer. */
  readonly issuer: string;
}

export interface Genesis {
  readonly entries: readonly number[];
  /** Shown once, at the console: each lets that administrator enrol a first factor. */
  readonly codes: readonly {
    readonly person: PersonId;
    readonly code: string;
    readonly expiresAtMs: number;
  }[];
}

/** The first entry: whose log this is, its key, and the two people who may publish the first policy together. */
export async function initialise(
  parts: {
    readonly sequencer: Sequencer;
    readonly clock: Clock;
    readonly random: Random;
    readonly paperCodes: PaperCodes;
  },
  given: {
    readonly origin: string;
    readonly logKey: string;
    readonly administrators: readonly FirstAdministrator[];
  },
): Promise<Genesis> {
  const { administrators } = given;
  const distinct = new Set(administrators.map(({ person }) => person)).size;
  if (distinct < 2 || distinct < administrators.length) {
    throw new Failure(
      'malformed-input',
      'Two different administrators are needed: a policy takes two signatures.',
      {
        mend: 'Give --admin ISSUER:SUBJECT twice or more, each for another person.',
      },
    );
  }
  const nowMs = parts.clock.nowMs();
  const expiresAtMs = nowMs + ENROLMENT_CODE_LIVES_MS;
  const codes = administrators.map(({ person }) => {
    const id: EnrolmentCodeId = `v-${parts.random.ulid(nowMs)}`;
    return { id, person, expiresAtMs, ...parts.paperCodes.newEnrolmentCode() };
  });
  const genesis = draft('countersign.log.genesis.v1', 'log', given.origin, {
    origin: given.origin,
    log_key: given.logKey,
    format: 'countersign/log/v1',
    administrators: administrators.map(({ person, issuer }) => ({ person, issuer })),
    publish_needs: 2,
    factor: 'totp',
    enrolment_codes: codes.map(({ id, person }) => ({ code: id, person, expires_at_ms: expiresAtMs })),
  });
  const entries = await parts.sequencer.submit<readonly number[]>({
    by: { kind: 'console' },
    streams: ['log'],
    factsAtMs: null,
    decide(view) {
      if (view.state(logFold, 'log').origin !== null) {
        throw new Failure('already-done', 'This log was begun before; it is left as it is.', {
          mend: 'Start it: `countersign server run`.',
        });
      }
      return {
        events: [genesis],
        secrets: codes.map(({ id, person, hash }) => ({
          id: hash,
          person,
          kind: 'enrolment-code',
          value: utf8(id),
          expiresAtMs,
        })),
        result: (receipt) => receipt.entries.map(({ seq }) => seq),
      };
    },
  });
  return { entries, codes: codes.map(({ person, code }) => ({ person, code, expiresAtMs })) };
}
