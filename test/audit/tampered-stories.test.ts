import { describe, expect, test } from 'vitest';
import { type AuditRule, auditRules } from '../../src/audit/audit-rules.ts';
import { rulesOfTypes } from '../../src/audit/judges.ts';
import { type RuleName, ruleNames } from '../../src/domain/rules.ts';
import type { Story } from './build-log.ts';
import { flowTamperings } from './flow-tamperings.ts';
import { furtherTamperings } from './further-tamperings.ts';
import { judgeStory } from './judge-story.ts';
import { passkeyTamperings } from './passkey-tamperings.ts';
import { peopleTamperings } from './people-tamperings.ts';
import { change } from './tamper.ts';
import { tamperings } from './tamperings.ts';
import type { Written } from './write-log.ts';

const everyTampering = [
  ...tamperings,
  ...furtherTamperings,
  ...flowTamperings,
  ...peopleTamperings,
  ...passkeyTamperings,
];

describe('what was written with the real key against the rules is found by name', () => {
  test.each(everyTampering)('%s: %s', async (_, rule, type, tell) => {
    const types: string[] = [];
    const verdict = await judgeStory(tell, {
      edit: (written) => {
        for (const { entry } of written) types[entry.seq] = entry.type;
        return written;
      },
    });
    const found = verdict.faults.map((fault) => `${fault.rule} at ${types[fault.seq]}`);
    expect(verdict.passed).toBe(false);
    expect(found).toContain(`${rule} at countersign.${type}.v1`);
  });
});

/** What is done to the log before its first policy, or to entries one by one. */
type Edit = (written: Written[]) => Written[];
const asWritten: Edit = (written) => written;
const others: readonly (readonly [string, AuditRule, (story: Story) => void, Edit])[] = [
  [
    'a log that begins with something else',
    'genesis-comes-first',
    (s) => s.begin(),
    (written) => written.slice(1),
  ],
  [
    'a second genesis',
    'genesis-comes-first',
    (s) => {
      s.begin();
      s.begin(undefined, false);
    },
    asWritten,
  ],
  [
    'a genesis with one administrator, named twice',
    'genesis-names-two-administrators',
    (s) => {
      const [first] = [s.people.ann.id];
      s.begin(
        change('countersign.log.genesis.v1', (body) => ({
          ...body,
          administrators: body.administrators.map((one) => ({ ...one, person: first })),
        })),
      );
    },
    asWritten,
  ],
  [
    'an entry left out in the middle of a stream',
    'stream-versions-have-no-gap',
    (s) => {
      s.begin();
      s.submit(s.people.maya, 'operator');
    },
    (written) => written.filter(({ entry }) => entry.type !== 'countersign.ticket.checked.v1'),
  ],
  [
    'a statement that has no canonical form',
    'statement-has-its-digest',
    (s) => {
      s.begin();
      s.review(s.people.tomas, s.submit(s.people.maya, 'operator'));
    },
    (written) =>
      written.map((one) => {
        const { data } = one.entry;
        if (one.entry.type !== 'countersign.request.reviewed.v1') return one;
        const statement = Object.assign({}, data['statement'], { nonce: '\ud800' });
        return { ...one, entry: { ...one.entry, data: { ...data, statement } } };
      }),
  ],
  [
    'an entry slipped into the command of somebody else',
    'command-has-one-actor',
    (s) => {
      s.begin();
      s.submit(s.people.maya, 'look');
    },
    (written) =>
      written.map((one) =>
        one.entry.type === 'countersign.request.approved.v1'
          ? {
              ...one,
              entry: { ...one.entry, data: { ...one.entry.data, by: { kind: 'broker', broker: 'b' } } },
            }
          : one,
      ),
  ],
];

test.each(others)('%s: %s', async (_, rule, tell, edit) => {
  const verdict = await judgeStory(tell, { begun: false, edit });
  expect(verdict.faults.map((fault) => fault.rule)).toContain(rule);
});

test('every rule of the audit is broken by at least one tampering', () => {
  const broken = new Set([...everyTampering.map(([, rule]) => rule), ...others.map(([, rule]) => rule)]);
  expect(Object.keys(auditRules).filter((rule) => !broken.has(rule as AuditRule))).toEqual([]);
});

/** Rules of the broker's that the audit does not restate under their name, and why. */
const notRestated: Readonly<Partial<Record<RuleName, string>>> = {
  'pending-requests-are-bounded':
    'a bound against wearing reviewers down, asked of a list: no access rests on it',
  'session-fits-the-provider':
    'what is sent is judged itself: parameters-fit-the-grant, session-ends-with-the-grant',
  'ticket-editor-is-entitled':
    'a writer’s groups are in no entry; in whose name they wrote is judged: ticket-names-its-writers, ticket-is-approved-by-another',
  'log-reader-is-entitled': 'reading leaves no entry',
};

test('every rule by which the broker refuses is restated, or has its reason', () => {
  const missing = ruleNames.filter((name) => !Object.hasOwn(auditRules, name));
  expect(missing.toSorted()).toEqual(Object.keys(notRestated).toSorted());
});

test('every rule is broken on each type of entry that it judges', () => {
  const broken = new Set(everyTampering.map(([, rule, type]) => `${rule} at countersign.${type}.v1`));
  const judged = rulesOfTypes
    .filter(([type]) => type !== 'countersign.log.genesis.v1') // above, as it is written before any story
    .flatMap(([type, rules]) => rules.map((rule) => `${rule} at ${type}`));
  expect(judged.length).toBeGreaterThan(170);
  expect(judged.filter((pair) => !broken.has(pair))).toEqual([]);
});
