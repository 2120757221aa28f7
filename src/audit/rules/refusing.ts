import type { ResolvedRule } from '../../domain/policy/policy.ts';
import type { JudgedEntry } from '../audited-entry.ts';
import { type Checks, type Hearing, nothing, trial } from '../hearing.ts';
import { ruleInForce } from '../rule-in-force.ts';
import { outside } from '../scope.ts';
import { notEligible } from './submitting.ts';

type Refused = 'countersign.command.refused.v1';
type RefusedEntry = JudgedEntry<Refused>;
type Ask = NonNullable<RefusedEntry['data']['asked']>;

/** Where the policy and what was asked show it: whether an ask had what it was refused for. */
const holds: Readonly<Record<string, (entry: RefusedEntry, ask: Ask, rule: ResolvedRule) => boolean>> = {
  'requester-is-eligible': (entry, { groups }, rule) => notEligible(entry, groups, rule) !== undefined,
  'break-glass-is-allowed': ({ data }, ask, rule) =>
    ask.break_glass && (data.by.kind !== 'human' || rule.break_glass === null),
  'duration-is-within-limit': (_, { seconds, break_glass }, rule) =>
    seconds > ((break_glass ? rule.break_glass?.at_most_seconds : rule.at_most_seconds) ?? 0),
  'scope-is-within-entitlement': (_, { scope }) => scope === null,
  'start-is-within-limit': (_, ask) => ask.start_ms !== null,
  'ticket-is-given-when-required': (_, __, rule) => rule.ticket !== null,
  'ticket-fits-the-rule': (_, __, rule) => rule.ticket !== null,
  'ticket-has-another-voucher': (_, __, rule) => rule.ticket !== null,
  'people-are-named-once': ({ data }, { people, break_glass }) =>
    people.length > 1 || people[0] !== data.person || break_glass,
};

const checks: Checks<Refused, object> = { 'refusal-has-its-reason': wrongly };

function wrongly(entry: RefusedEntry, _: object, { state, hasher }: Hearing): string | undefined {
  const { asked, attempted, rule: name } = entry.data;
  if (asked === null) return undefined;
  if (attempted !== 'submit') return `what was attempted, ${attempted}, asks for nothing`;
  if (asked.policy_digest !== state.policy?.digest) return `in force is ${state.policy?.digest}`;
  const known = ruleInForce(state, hasher, asked.entitlement);
  if (known === undefined) return `the policy in force has no ${asked.entitlement}`;
  if (asked.rule_digest !== known.digest) return `the rule's digest is ${known.digest}`;
  const other = asked.targets.find((target) => !Object.hasOwn(known.rule.targets, target));
  if (other !== undefined) return `${other} is no target of ${asked.entitlement}`;
  // With parameters the declared scope depends on values that the entry does not hold.
  const isPlain = known.rule.parameters === undefined;
  const more = isPlain && asked.scope !== null ? outside(asked.scope, known.rule.scope) : undefined;
  if (more !== undefined) return `${asked.entitlement} does not declare ${more}`;
  const isRight = Object.hasOwn(holds, name) ? holds[name]?.(entry, asked, known.rule) : undefined;
  return isRight === false ? `what was asked for was refused by ${name}, which it satisfies` : undefined;
}

/** A no for another reason rests on the broker's word. */
export const judgeRefused = trial<Refused, object>({ subjectOf: nothing, checks, remember: () => {} });
