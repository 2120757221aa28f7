import { describe, expect, test } from 'vitest';
import type { AuditedEntry } from '../../src/audit/audited-entry.ts';
import { catalogueMisfit } from '../../src/audit/catalogue-misfit.ts';
import { auditConformance, type Conformance } from '../../src/audit/conformance.ts';
import { catalogue, type EventType } from '../../src/domain/events.ts';
import type { Json, JsonObject } from '../../src/log/json.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { verifySignature } from '../../src/platform/verify-signature.ts';
import { buildLog } from './build-log.ts';
import { everyKind } from './every-kind.ts';
import { otherDigest } from './tamper.ts';
import { unjudgedFields } from './unjudged-fields.ts';
import type { Written } from './write-log.ts';

type Path = readonly string[];

const written: Written[] = [];
const story = buildLog((one) => written.push(one));
everyKind(story);
const entries = written.map(({ entry }) => entry);

const judge = (log: readonly AuditedEntry[]): Promise<Conformance> =>
  auditConformance({
    verifySignature,
    hasher: nodeHasher,
    origin: story.origin,
    entries: log,
    attachment: async (digest) => story.attachments.get(digest),
  });

/** Every leaf of a value, and every list as a whole with its first member's; who acted is one thing. */
function* leavesOf(value: Json, path: Path): Generator<Path> {
  const isList = Array.isArray(value);
  if (path[0] === 'by' && path.at(-1) === 'kind') yield ['by'];
  else if (isList || typeof value !== 'object' || value === null) yield path;
  if (typeof value !== 'object' || value === null) return;
  const members = isList ? value.slice(0, 1).filter((first) => typeof first === 'object') : value;
  for (const [name, member] of Object.entries(members)) {
    if (member !== undefined) yield* leavesOf(member, [...path, name]);
  }
}

/** Personal fields hold commitments, which others check. */
const isPlain = (type: EventType, [field = '']: Path): boolean =>
  !(catalogue[type].personal as readonly string[]).includes(field);

const at = (value: Json | undefined, path: Path): Json | undefined =>
  path.reduce<Json | undefined>(
    (inside, name) =>
      typeof inside === 'object' && inside !== null ? (inside as JsonObject)[name] : undefined, // lists as well
    value,
  );

function replaced(value: Json, [name, ...deeper]: Path, by: Json): Json {
  if (name === undefined) return by;
  if (Array.isArray(value))
    return value.map((item, place) => (String(place) === name ? replaced(item, deeper, by) : item));
  const object = value as JsonObject; // a path leads through objects and lists only
  return { ...object, [name]: replaced(object[name] ?? null, deeper, by) };
}

const words = [
  ...['other', otherDigest, `p-${'z'.repeat(26)}`, 'orders-eu', 'leads', 'look'],
  ...['open', 'approved', 'closed', 'deny', 'token', 'read', 'destructive', 'not-justified', 'escalation'],
  ...['zone-owner', 'expiry', 'ticket-closed', 'workload', 'human', 'factor', 'recovery', 'webhook'],
  ...['requester', 'decided', 'review', 'submit', 'sweep', 'assignee', 'removed', 'duration-is-within-limit'],
];

const actors: readonly Json[] = [
  { kind: 'console' },
  { kind: 'broker', broker: 'broker-9' },
  { kind: 'human', person: `p-${'z'.repeat(26)}`, sign_in: null, claims_at_ms: 0 },
];

/** Other values for a place, some of which fit its type. */
function othersFor(value: Json | undefined): readonly Json[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return actors;
  if (typeof value === 'boolean') return [!value];
  if (typeof value === 'number') return [value + 1, value - 1, value + 100_000_000, 0, 1, 2, null];
  if (Array.isArray(value)) return [[], value.slice(1), [...value, ...value.slice(0, 1)], ['other']];
  return [...words, null, 0, 1, 9_000_000_000_000];
}

/** What a report says that a changed field can change. */
const heard = ({ passed, fault_count, attested, not_checkable_count, decisions }: Conformance) =>
  JSON.stringify({ passed, fault_count, attested, not_checkable_count, decisions });

/** Some entries that have that field, from all over the log. */
function samplesOf(type: EventType, path: Path): readonly [number, AuditedEntry][] {
  const having = [...entries.entries()].filter(
    ([, entry]) => entry.type === type && at(entry.data, path) !== undefined,
  );
  const step = Math.ceil(having.length / 16);
  return having.filter((_, place) => (having.length - 1 - place) % step === 0);
}

/** What stands there in other entries of the type. */
const elsewhere = (type: EventType, path: Path): readonly Json[] => {
  const values = entries.filter((entry) => entry.type === type).map((entry) => at(entry.data, path) ?? null);
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()].slice(0, 8);
};

/** The whole log with that field changed, in each way that still fits the catalogue. */
function* changedLogs(type: EventType, path: Path): Generator<readonly AuditedEntry[]> {
  for (const [place, entry] of samplesOf(type, path)) {
    for (const other of [...elsewhere(type, path), ...othersFor(at(entry.data, path))]) {
      const changed = { ...entry, data: replaced(entry.data, path, other) as JsonObject }; // data stay an object
      const isSame = JSON.stringify(changed.data) === JSON.stringify(entry.data);
      if (!isSame && catalogueMisfit(changed) === undefined) yield entries.with(place, changed);
    }
  }
}

/** Whether any change of that field is noticed, of the first so many; undefined: it cannot be changed. */
async function isNoticed(type: EventType, path: Path, most = Number.POSITIVE_INFINITY) {
  let tried = 0;
  for (const log of changedLogs(type, path)) {
    if (heard(await judge(log)) !== (await honest)) return true;
    if (++tried >= most) break;
  }
  return tried === 0 ? undefined : false;
}

const honest = judge(entries).then(heard);

const types = Object.keys(catalogue) as EventType[]; // those are its keys

test('the story has every type of entry, and is conformant', async () => {
  expect(types.filter((type) => entries.every((entry) => entry.type !== type))).toEqual([]);
  const verdict = await judge(entries);
  expect(verdict.faults).toEqual([]);
  expect(verdict.passed).toBe(true);
});

/** In the words of the list: `statement.seconds`, `plan.changes.gains`. */
const spelled = (path: Path): string => path.filter((name) => name !== '0').join('.');

function fieldsOf(type: EventType): ReadonlyMap<string, Path> {
  const leaves = entries
    .filter((entry) => entry.type === type)
    .flatMap((entry) => [...leavesOf(entry.data, [])])
    .filter((path) => isPlain(type, path));
  return new Map(leaves.map((path) => [spelled(path), path]));
}

describe('a change of any plain field is noticed, or no verdict can rest on it', () => {
  test.each(types)('%s', { timeout: 60_000 }, async (type) => {
    const reasoned = { ...unjudgedFields.every, ...unjudgedFields[type] };
    const fields = [...fieldsOf(type)];
    const judged = fields.filter(([name]) => !Object.hasOwn(reasoned, name));
    const unnoticed: string[] = [];
    for (const [name, path] of judged) if ((await isNoticed(type, path)) === false) unnoticed.push(name);
    expect(unnoticed).toEqual([]);
    // A reason that is none any more is taken out of the list.
    const noticed: string[] = [];
    for (const name of Object.keys(unjudgedFields[type] ?? {})) {
      const path = fieldsOf(type).get(name);
      if (path === undefined || (await isNoticed(type, path, 6)) === true) noticed.push(name);
    }
    expect(noticed).toEqual([]);
  });
});
