import type { JudgedEntry } from '../audited-entry.ts';
import { type Checks, type Hearing, nothing, trial } from '../hearing.ts';
import { areOneHuman } from '../one-human.ts';
import { noAdministrator } from './administrator.ts';
import { notProvedHere, stillRests, stillUnvouched } from './factor-proof.ts';
import { notFresh } from './freshness.ts';

type Left = 'countersign.person.left.v1';
type Returned = 'countersign.person.returned.v1';

const recordedRules: Checks<Left | Returned, object> = {
  'administrator-records-leaving': (entry, _, { state }) => {
    const { person, recorded_by, groups } = entry.data;
    return areOneHuman(state, person, recorded_by)
      ? `${recorded_by} recorded it of themselves`
      : noAdministrator(entry, recorded_by, groups, state);
  },
  'membership-is-fresh': (entry) => notFresh(entry),
  'factor-is-proved': (entry, _, hearing) => {
    const { proof, person } = entry.data;
    return notProvedHere(entry, { proof, purpose: 'record-leaving', about: person }, hearing);
  },
  'recovered-factor-rests-a-day': (entry, _, hearing) => stillRests(entry, entry.data.proof.factor, hearing),
  'recovered-factor-is-vouched': (entry, _, hearing) =>
    stillUnvouched(entry, entry.data.proof.factor, hearing),
};

const isGone = ({ data }: JudgedEntry<Left | Returned>, { state }: Hearing): boolean =>
  state.left.has(data.person);

export const judgeLeft = trial<Left, object>({
  subjectOf: nothing,
  checks: {
    ...recordedRules,
    'leaving-is-recorded-once': (entry, _, hearing) =>
      isGone(entry, hearing) ? `${entry.data.person} had left before` : undefined,
  },
  remember({ data }, { state, findings }) {
    findings.attested.group_memberships++;
    state.left.add(data.person);
  },
});

export const judgeReturned = trial<Returned, object>({
  subjectOf: nothing,
  checks: {
    ...recordedRules,
    'leaving-is-recorded-once': (entry, _, hearing) =>
      isGone(entry, hearing) ? undefined : `${entry.data.person} had not left`,
  },
  remember({ data }, { state, findings }) {
    findings.attested.group_memberships++;
    state.left.delete(data.person);
  },
});
