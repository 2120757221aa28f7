import type { Command, Decision, Sequencer } from '../../src/app/command.ts';
import { nudgingRules } from '../../src/domain/request/nudge.ts';
import { openingRules } from '../../src/domain/request/rules/opening.ts';
import { reviewerRules, reviewingRules } from '../../src/domain/request/rules/reviewing.ts';
import { submittingRules } from '../../src/domain/request/rules/submitting.ts';
import type { RuleName } from '../../src/domain/rules.ts';
import { apply } from './memory-database.ts';
import type { Sabotage } from './world.ts';

/** A broker that is spoilt in one place, and the laws of the model of which at least one must notice. */
export interface Spoilt {
  readonly name: string;
  readonly sabotage: Sabotage;
  readonly noticedBy: readonly string[];
}

type RuleArray = { readonly name: RuleName }[];
const arrays = [
  submittingRules,
  reviewerRules,
  reviewingRules,
  openingRules,
  nudgingRules,
] as unknown as readonly RuleArray[];

/** Takes the rule out of every array it is in; gives what puts it back. */
function takeOut(name: string): () => void {
  const before = arrays.map((rules) => [...rules]);
  for (const rules of arrays) {
    rules.splice(0, rules.length, ...rules.filter((rule) => rule.name !== name));
  }
  return () => {
    for (const [at, rules] of arrays.entries()) rules.splice(0, rules.length, ...(before[at] ?? []));
  };
}

const putBack = (all: readonly (() => void)[]) => () => {
  for (const one of all.toReversed()) one();
};

const without = (name: RuleName, ...noticedBy: readonly string[]): Spoilt => ({
  name: `without ${name}`,
  sabotage: { rules: () => takeOut(name) },
  noticedBy,
});

/** Leaves out entries of one type: what they were to prevent is prevented no more. */
const withoutEntries = (type: string) => (sequencer: Sequencer) => ({
  ...sequencer,
  submit<Result>(command: Command<Result>): Promise<Result> {
    const decide: typeof command.decide = (view, nowMs) => {
      const decision: Decision<Result> = command.decide(view, nowMs);
      return { ...decision, events: decision.events.filter((one) => one.type !== type) };
    };
    return sequencer.submit({ ...command, decide });
  },
});

export const spoilt: readonly Spoilt[] = [
  without('approver-is-not-requester', 'grants-have-their-reviews'),
  without('reviewer-is-in-the-stage-group', 'grants-have-their-reviews'),
  without('reviewer-has-not-reviewed-before', 'grants-have-their-reviews'),
  without('rule-is-unchanged-since-asking', 'grants-have-their-reviews'),
  without('review-only-narrows', 'reviews-only-narrow'),
  without('requester-is-eligible', 'who-asks-may-ask', 'openings-are-allowed'),
  without('duration-is-within-limit', 'who-asks-may-ask'),
  without('ticket-fits-the-rule', 'tickets-were-right'),
  without('ticket-has-another-voucher', 'tickets-were-right'),
  without('break-glass-debt-is-paid', 'emergencies-are-reviewed-or-block'),
  without('nudges-are-bounded', 'nobody-is-worn-down'),
  without('grant-is-usable', 'openings-are-allowed'),
  without('entitlement-still-allows-the-grant', 'openings-are-allowed'),
  without('approver-has-not-left', 'openings-rest-on-what-still-stands'),
  {
    name: 'a code’s stream is not written',
    sabotage: { sequencer: withoutEntries('countersign.factor.used.v1') },
    noticedBy: ['codes-are-spent-once-by-their-owner'],
  },
  {
    name: 'a revocation is confirmed and not carried out',
    sabotage: { cloudLies: true },
    noticedBy: ['sessions-end-with-their-grant'],
  },
  {
    name: 'no answer of the cloud counts as a no',
    sabotage: {
      outcome: (outcome) =>
        outcome.outcome === 'unknown'
          ? { outcome: 'refused', reason: outcome.reason, mend: null, retryable: true }
          : outcome,
    },
    noticedBy: ['every-session-is-accounted-for'],
  },
  {
    name: 'the head is moved whoever moved it before',
    sabotage: {
      store: (store, database) => ({
        ...store,
        advance: async (_from, write) => {
          await store.head();
          apply(database, write);
          return true;
        },
      }),
    },
    noticedBy: ['everything-is-answered', 'the-log-is-intact', 'answers-are-in-the-log'],
  },
  {
    name: 'a commit is acknowledged and not made',
    sabotage: {
      store: (store, database) => ({
        ...store,
        advance: async (from, write) =>
          write.head.size % 40 === 39 && database.head?.size === from.size
            ? true
            : store.advance(from, write),
      }),
    },
    noticedBy: ['answers-are-in-the-log', 'every-session-is-accounted-for', 'everything-is-answered'],
  },
  {
    name: 'used keys are forgotten',
    sabotage: {
      store: (store) => ({
        ...store,
        advance: (from, write) => store.advance(from, { ...write, idempotency: [] }),
      }),
    },
    noticedBy: ['one-key-does-one-thing'],
  },
  {
    name: 'somebody was told, says the log, and nothing was sent',
    sabotage: { swallowsLetters: true },
    noticedBy: ['what-was-told-arrived'],
  },
  {
    name: 'nobody waits for a voucher after a recovery, nor a day',
    sabotage: {
      rules: () => putBack(['recovered-factor-is-vouched', 'recovered-factor-rests-a-day'].map(takeOut)),
    },
    noticedBy: ['recovered-factors-rest'],
  },
  {
    name: 'a list row is lost',
    sabotage: {
      store: (store) => ({
        ...store,
        advance: (from, write) => store.advance(from, { ...write, rows: write.rows.slice(0, -1) }),
      }),
    },
    noticedBy: ['projections-are-what-the-log-says'],
  },
];
