import type { JudgedEntry } from '../audited-entry.ts';
import { type Checks, type Hearing, nothing, trial } from '../hearing.ts';
import { isOver } from '../membership.ts';
import { areOneHuman, hasLeft, sameHumanAmong } from '../one-human.ts';
import { noAdministrator } from './administrator.ts';
import { notProvedHere, personRests, stillUnvouched, tooWeakForOthers } from './factor-proof.ts';
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
    // Recorded at once for every login of a human, on one code that names one of them.
    const isAbout = (about: string) => areOneHuman(hearing.state, about, person);
    const act = entry.type === 'countersign.person.left.v1' ? 'leave' : 'return';
    const signed = { act, isActAbout: isAbout, actDigest: null } as const;
    return notProvedHere(entry, { proof, purpose: 'record-leaving', isAbout, signed }, hearing);
  },
  'factor-is-strong-enough': (entry, _, hearing) => tooWeakForOthers(entry.data.proof, hearing),
  'recovered-factor-rests-a-day': personRests,
  'recovered-factor-is-vouched': (entry, _, hearing) =>
    stillUnvouched(entry, entry.data.proof.factor, hearing),
};

/** Where administrators are listed, so that nobody else can become one, enough of them must be there to publish. */
function tooFewStay({ data }: JudgedEntry<Left>, _: object, { state }: Hearing): string | undefined {
  const policy = state.policy?.policy;
  const group = policy?.groups[policy.administrators.from];
  const listed =
    policy === undefined
      ? [...(state.genesis?.administrators ?? [])]
      : (group?.people ?? [])
          .filter(({ until }) => !isOver(until, data.decided_at_ms))
          .map(({ person }) => person);
  if (sameHumanAmong(state, listed, data.person) === undefined) return undefined;
  const staying = listed.filter((one) => !hasLeft(state, one) && !areOneHuman(state, one, data.person));
  const humans = staying.filter((one, at) => sameHumanAmong(state, staying.slice(0, at), one) === undefined);
  const needed = policy?.administrators.publish_needs ?? state.genesis?.publishNeeds ?? 2;
  return humans.length >= needed ? undefined : `${humans.length} would be left to publish, of ${needed}`;
}

const isGone = ({ data }: JudgedEntry<Left | Returned>, { state }: Hearing): boolean =>
  state.left.has(data.person);

export const judgeLeft = trial<Left, object>({
  subjectOf: nothing,
  checks: {
    ...recordedRules,
    'leaving-is-recorded-once': (entry, _, hearing) =>
      isGone(entry, hearing) ? `${entry.data.person} had left before` : undefined,
    'publishing-stays-possible': tooFewStay,
  },
  remember({ seq, data }, { state, findings }) {
    findings.attested.group_memberships++;
    state.left.add(data.person);
    state.lastLeaving.set(data.person, seq);
    state.voidBefore.set(data.person, seq);
    state.people.get(data.person)?.resets.clear();
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
