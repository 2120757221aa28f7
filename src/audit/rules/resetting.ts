import type { ActPurpose } from '../../domain/events.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { type Checks, type Hearing, nothing, trial } from '../hearing.ts';
import { areOneHuman, hasLeftSince } from '../one-human.ts';
import { noAdministrator } from './administrator.ts';
import {
  notProvedHere,
  personRests,
  type ShownFor,
  stillUnvouched,
  tooWeakForOthers,
} from './factor-proof.ts';
import { notFresh } from './freshness.ts';
import { factorsOf } from './people.ts';

type Asked = 'countersign.factor.reset-requested.v1';
type Reset = 'countersign.factor.reset.v1';
type RecoveryVouched = 'countersign.factor.recovery-vouched.v1';

const DAY_MS = 86_400_000;

/** What holds for everybody who acts on the factors of somebody else. */
const actingRules = (purpose: ShownFor['purpose'], act: ActPurpose) =>
  ({
    'membership-is-fresh': (entry) => notFresh(entry),
    'factor-is-proved': (entry, _, hearing) => {
      const { proof, person } = entry.data;
      const isAbout = (about: string) => about === person;
      const isActAbout = (about: string) =>
        entry.type === 'countersign.factor.reset.v1' ? about === entry.data.reset : isAbout(about);
      const signed = { act, isActAbout, actDigest: null };
      return notProvedHere(entry, { proof, purpose, isAbout, signed }, hearing);
    },
    'factor-is-strong-enough': (entry, _, hearing) => tooWeakForOthers(entry.data.proof, hearing),
    'recovered-factor-rests-a-day': personRests,
    'recovered-factor-is-vouched': (entry, _, hearing) =>
      stillUnvouched(entry, entry.data.proof.factor, hearing),
  }) as const satisfies Checks<Asked | Reset | RecoveryVouched, unknown>;

export const judgeResetRequested = trial<Asked, object>({
  subjectOf: nothing,
  checks: {
    ...actingRules('reset', 'reset'),
    'reset-takes-two-humans': (entry, _, { state }) => {
      const { person, requested_by, groups } = entry.data;
      return areOneHuman(state, person, requested_by)
        ? `${requested_by} asked for it of themselves`
        : noAdministrator(entry, requested_by, groups, state);
    },
    'waiting-is-within-limit': ({ data }) =>
      data.expires_at_ms <= data.decided_at_ms + DAY_MS ? undefined : 'it waits for more than a day',
  },
  remember({ seq, data }, { state, findings }) {
    findings.attested.group_memberships++;
    const { requested_by, expires_at_ms, proof } = data;
    const asked = { requestedBy: requested_by, expiresAtMs: expires_at_ms, seq, factor: proof.factor };
    factorsOf(state.people, data.person).resets.set(data.reset, asked);
  },
});

export const judgeReset = trial<Reset, object>({
  subjectOf: nothing,
  checks: {
    ...actingRules('reset', 'confirm-reset'),
    'reset-takes-two-humans': notByTwo,
    'reset-takes-every-factor': ({ data }, _, { state }) => {
      const held = [...(state.people.get(data.person)?.factors.keys() ?? [])].sort();
      return held.join() === data.factors.toSorted().join()
        ? undefined
        : `${data.person} had ${held.join(', ') || 'none'}`;
    },
  },
  remember({ seq, data }, { state, findings }) {
    findings.attested.group_memberships++;
    state.people.delete(data.person);
    state.voidBefore.set(data.person, seq);
  },
});

function notByTwo(entry: JudgedEntry<Reset>, _: object, { state }: Hearing): string | undefined {
  const { person, reset, requested_by, confirmed_by, groups, decided_at_ms } = entry.data;
  const asked = state.people.get(person)?.resets.get(reset);
  if (asked === undefined || asked.requestedBy !== requested_by)
    return `${requested_by} did not ask for the reset ${reset} of ${person}`;
  if (decided_at_ms >= asked.expiresAtMs) return 'it had waited for too long';
  if (hasLeftSince(state, requested_by, asked.seq))
    return `${requested_by}, who asked for it, has left since`;
  if (state.people.get(requested_by)?.factors.has(asked.factor) !== true)
    return `${asked.factor}, with which ${requested_by} asked for it, is theirs no more`;
  if (areOneHuman(state, confirmed_by, requested_by)) return `${requested_by} asked for it, too`;
  return areOneHuman(state, confirmed_by, person)
    ? `${confirmed_by} confirmed it of themselves`
    : noAdministrator(entry, confirmed_by, groups, state);
}

export const judgeRecoveryVouched = trial<RecoveryVouched, object>({
  subjectOf: nothing,
  checks: {
    ...actingRules('vouch', 'vouch-recovery'),
    'voucher-is-another-human': ({ data }, _, { state }) =>
      data.by.kind !== 'human'
        ? 'only a human vouches'
        : areOneHuman(state, data.voucher, data.person)
          ? `${data.person} vouched for themselves`
          : undefined,
    'factor-belongs-to-the-person': ({ data }, _, { state }) =>
      state.people.get(data.person)?.factors.get(data.factor)?.isUnvouched
        ? undefined
        : `${data.person} recovered no factor ${data.factor} that nobody had vouched for`,
  },
  remember({ data }, { state }) {
    const held = state.people.get(data.person)?.factors.get(data.factor);
    if (held === undefined) return;
    held.isUnvouched = false;
    held.isVouchedFor = true;
  },
});
