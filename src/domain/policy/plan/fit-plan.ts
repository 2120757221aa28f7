import type { ActionsOfAccess, EntitlementChange, PeopleTouched, PolicyPlan } from './policy-plan.ts';

/** What a plan may take of an entry's 65,535 bytes, in characters of its JSON: most are one byte. */
export const PLAN_CHARACTERS = 40_000;

/** How many names each list keeps, tried in turn. The counts beside them stay whole. */
const names = [20, 5, 0] as const;

/** Cuts the lists of names until the plan can be signed with room to spare. Sentences are never cut. */
export function fitPlan(plan: PolicyPlan): PolicyPlan {
  const fitted = names
    .map((most) => cut(plan, most))
    .find((each) => JSON.stringify(each).length <= PLAN_CHARACTERS);
  return fitted ?? cut(plan, 0);
}

const cut = (plan: PolicyPlan, most: number): PolicyPlan => ({
  ...plan,
  changes: plan.changes.map((change) => cutChange(change, most)),
  administrators: cutPeople(plan.administrators, most),
  auditors: cutPeople(plan.auditors, most),
  lapses: plan.lapses && {
    ...plan.lapses,
    requests: plan.lapses.requests.slice(0, most),
    grants: plan.lapses.grants.slice(0, most),
  },
});

const cutChange = (change: EntitlementChange, most: number): EntitlementChange => ({
  ...change,
  people: cutPeople(change.people, most),
  actions_gained: change.actions_gained.map((actions) => cutActions(actions, most)),
  actions_lost: change.actions_lost.map((actions) => cutActions(actions, most)),
});

const cutPeople = (people: PeopleTouched, most: number): PeopleTouched => ({
  ...people,
  gain: people.gain.slice(0, most),
  lose: people.lose.slice(0, most),
});

const cutActions = (actions: ActionsOfAccess, most: number): ActionsOfAccess => ({
  ...actions,
  actions: actions.actions.slice(0, most),
});
