import type { Actor } from '../../domain/actor.ts';
import { type PersonId, streams } from '../../domain/ids.ts';
import { waitsForVoucher } from '../../domain/person/recovered-factor-is-vouched.ts';
import { openResets } from '../../domain/person/reset.ts';
import { personFold } from '../../domain/person/state.ts';
import { policyFold } from '../../domain/policy-change/state.ts';
import type { Broker } from '../broker.ts';
import { notFound } from '../grant/find-grant.ts';
import { personalTexts } from '../personal-text.ts';
import { namesOf } from './names.ts';
import { isAdministrator } from './oversight.ts';
import { iso } from './time.ts';

export interface PersonView {
  readonly person: string;
  readonly display_name: string | null;
  /** null: they have never signed in here. */
  readonly issuer: string | null;
  readonly left: boolean;
  /** Factors that a recovery code enrolled and nobody has vouched for: whoever knows them can. */
  readonly recovered: readonly { readonly factor: string; readonly enrolled_at: string }[];
  /** Asks for a reset that wait for a second administrator. Told to administrators; empty to everybody else. */
  readonly resets: readonly {
    readonly reset: string;
    readonly requested_by: string;
    /** What they said for it; null: it was erased. */
    readonly reason: string | null;
    readonly expires_at: string;
  }[];
}

/** What a colleague may know of somebody, to vouch for them or to take their access away. */
export async function personView(broker: Broker, actor: Actor, id: PersonId): Promise<PersonView> {
  const [row] = await broker.store.rows({ table: 'people', where: { key: id }, limit: 1 });
  const stream = streams.person(id);
  const view = await broker.sequencer.read([stream, 'policy']);
  if (row === undefined && view.version(stream) === 0) throw notFound('person');
  const state = view.state(personFold, stream);
  const nowMs = broker.clock.nowMs();
  const { publishedAtMs } = view.state(policyFold, 'policy');
  const open = (await isAdministrator(broker, actor)) ? openResets(state, publishedAtMs, nowMs) : {};
  const text = await personalTexts(
    broker,
    Object.values(open).map(({ seq }) => seq),
  );
  return {
    person: id,
    display_name: (await namesOf(broker, [id]))(id).display_name,
    issuer: typeof row?.['issuer'] === 'string' ? row['issuer'] : null,
    left: state.left,
    recovered: Object.values(state.factors)
      .filter(({ factor }) => waitsForVoucher(state, factor))
      .map(({ factor, enrolledAtMs }) => ({ factor, enrolled_at: iso(enrolledAtMs) })),
    resets: Object.entries(open).map(([reset, { requestedBy, expiresAtMs, seq }]) => {
      return {
        reset,
        requested_by: requestedBy,
        reason: text(seq, 'reason'),
        expires_at: iso(expiresAtMs),
      };
    }),
  };
}
