import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ocsfRecord } from '../../src/domain/events/ocsf-record.ts';
import { catalogue, type EventType } from '../../src/domain/events.ts';
import { type Entry, readEntry } from '../../src/log/entry.ts';
import { isJsonObject, type Json, type JsonObject } from '../../src/log/json.ts';
import { exampleEvents } from './example-events.ts';

const types = Object.keys(catalogue) as EventType[]; // its own keys, of which the type is made
const exampleOf = (type: EventType): Entry =>
  readEntry(new Uint8Array(readFileSync(new URL(`../vectors/events/${type}.json`, import.meta.url))));

/** An example with other data of its own. */
const changed = (type: EventType, data: JsonObject): Entry => {
  const entry = exampleOf(type);
  return { ...entry, data: { ...entry.data, ...data } };
};

/** From schema.ocsf.io, version 1.9.0, by hand: what each class requires, and what its activities are called. */
interface RequiredByClass {
  readonly caption: string;
  readonly required: readonly string[];
  readonly atLeastOne: readonly string[];
  readonly activities: Readonly<Record<number, string>>;
}

const ofEveryEvent = [
  'activity_id',
  'category_uid',
  'class_uid',
  'metadata',
  'severity_id',
  'time',
  'type_uid',
];

const classes: Readonly<Record<number, RequiredByClass>> = {
  0: {
    caption: 'Base Event',
    required: ofEveryEvent,
    atLeastOne: [],
    activities: { 0: 'Unknown', 99: 'Other' },
  },
  3002: {
    caption: 'Authentication',
    required: [...ofEveryEvent, 'user'],
    atLeastOne: ['service', 'dst_endpoint'],
    activities: { 0: 'Unknown', 1: 'Logon', 2: 'Logoff', 99: 'Other' },
  },
  3004: {
    caption: 'Entity Management',
    required: [...ofEveryEvent, 'entity'],
    atLeastOne: [],
    activities: {
      0: 'Unknown',
      1: 'Create',
      2: 'Read',
      3: 'Update',
      4: 'Delete',
      5: 'Move',
      6: 'Enroll',
      7: 'Unenroll',
      8: 'Enable',
      9: 'Disable',
      10: 'Activate',
      11: 'Deactivate',
      12: 'Suspend',
      13: 'Resume',
      99: 'Other',
    },
  },
  3007: {
    caption: 'User Management',
    required: [...ofEveryEvent, 'user'],
    atLeastOne: [],
    activities: {
      0: 'Unknown',
      1: 'Create',
      2: 'Update',
      3: 'Delete',
      4: 'Enable',
      5: 'Disable',
      6: 'Lock',
      7: 'Unlock',
      8: 'Password Change',
      9: 'Password Reset',
      10: 'Attach Policies',
      11: 'Detach Policies',
      12: 'Enable MFA Factors',
      13: 'Disable MFA Factors',
      14: 'Assign Privileges',
      15: 'Remove Privileges',
      16: 'Assign Roles',
      17: 'Remove Roles',
      18: 'Add Programmatic Credentials',
      19: 'Remove Programmatic Credentials',
      99: 'Other',
    },
  },
};

/** Objects of that version: what is required in them, and of what they need at least one. */
const objects: Readonly<Record<string, { required: readonly string[]; atLeastOne: readonly string[] }>> = {
  metadata: { required: ['product', 'version'], atLeastOne: [] },
  product: { required: ['name'], atLeastOne: [] },
  actor: { required: [], atLeastOne: ['process', 'user', 'session', 'app_name', 'app_uid', 'application'] },
  user: { required: [], atLeastOne: ['account', 'name', 'uid'] },
  entity: { required: [], atLeastOne: ['name', 'uid'] },
  service: { required: [], atLeastOne: ['name', 'uid'] },
  resources: { required: [], atLeastOne: ['name', 'uid'] },
  groups: { required: [], atLeastOne: ['name', 'uid'] },
  auth_factors: { required: ['factor_type_id'], atLeastOne: [] },
};

const severities = ['Unknown', 'Informational', 'Low', 'Medium', 'High', 'Critical', 'Fatal'];
const statuses = ['Unknown', 'Success', 'Failure'];

/** What is missing in the record and in every object in it, by its path. */
function missingIn(record: JsonObject): readonly string[] {
  const expected = classes[Number(record['class_uid'])];
  if (expected === undefined) return [`class ${String(record['class_uid'])}`];
  return [
    ...lacking('', record, expected),
    ...Object.entries(record)
      .filter(([name]) => name !== 'unmapped')
      .flatMap(([name, value]) => missingInside(name, value)),
  ];
}

function missingInside(path: string, value: Json): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item: Json) => missingInside(path, item));
  if (!isJsonObject(value)) return [];
  const expected = objects[path.split('.').at(-1) ?? ''];
  return [
    ...(expected === undefined ? [] : lacking(`${path}.`, value, expected)),
    ...Object.entries(value).flatMap(([name, inner]) => missingInside(`${path}.${name}`, inner)),
  ];
}

const lacking = (
  path: string,
  value: JsonObject,
  { required, atLeastOne }: { required: readonly string[]; atLeastOne: readonly string[] },
): readonly string[] => [
  ...required.filter((name) => value[name] === undefined).map((name) => path + name),
  ...(atLeastOne.length > 0 && atLeastOne.every((name) => value[name] === undefined)
    ? [`${path}${atLeastOne.join(' or ')}`]
    : []),
];

test('the list of what is required notices what is missing', () => {
  const { user: _, ...record } = ocsfRecord(exampleOf('countersign.person.left.v1'));
  expect(missingIn(record)).toEqual(['user']);
  expect(missingIn({ ...record, user: {} })).toEqual(['user.account or name or uid']);
});

test.each(types)('%s: has all that its class in OCSF 1.9.0 requires', (type) => {
  expect(missingIn(ocsfRecord(exampleOf(type)))).toEqual([]);
});

test.each(types)('%s: ids, names and captions agree with each other and with the schema', (type) => {
  const entry = exampleOf(type);
  const record = ocsfRecord(entry);
  const { class_uid, activity_id, activity_name, category_uid, severity, severity_id, status, status_id } =
    record;
  const { caption = '', activities } = classes[Number(class_uid)] ?? {};
  const activity = activities?.[Number(activity_id)] ?? '?';
  expect(category_uid).toBe(3);
  expect(record).toMatchObject({
    class_name: caption,
    type_uid: Number(class_uid) * 100 + Number(activity_id),
    type_name: `${caption}: ${activity}`,
    time: entry.timeMs,
    metadata: {
      version: '1.9.0',
      uid: entry.id,
      event_code: type,
      sequence: entry.seq,
      log_name: entry.source,
    },
  });
  if (activity_id !== 99) expect(activity_name).toBe(activity);
  expect(severities[Number(severity_id)]).toBe(severity);
  expect(statuses[Number(status_id)]).toBe(status);
});

test.each(types)('%s: names its actor, and holds neither personal text nor a commitment to one', (type) => {
  const record = ocsfRecord(exampleOf(type));
  expect(record['actor']).toMatchObject({ user: { uid: `p-${'a'.repeat(26)}`, type_id: 1 } });
  const text = JSON.stringify(record);
  expect(text).not.toContain('"commitment"');
  for (const value of Object.values(exampleEvents[type].personal)) expect(text).not.toContain(`"${value}"`);
});

test.each(types)('%s: nothing plain is lost: what has no place in the schema is kept beside it', (type) => {
  const { unmapped } = ocsfRecord(exampleOf(type));
  expect(unmapped).toMatchObject(JSON.parse(JSON.stringify(exampleEvents[type].body)));
});

test('what went wrong is a failure or unknown, and an emergency is severe', () => {
  const failed = changed('countersign.session.failed.v1', { certain: true });
  expect(ocsfRecord(failed)).toMatchObject({ status: 'Failure' });
  expect(ocsfRecord(exampleOf('countersign.session.failed.v1'))).toMatchObject({ status: 'Unknown' });
  expect(ocsfRecord(exampleOf('countersign.command.refused.v1'))).toMatchObject({
    status: 'Failure',
    status_detail: 'requester-is-eligible',
  });
  const asked = 'countersign.request.submitted.v1';
  expect(ocsfRecord(exampleOf(asked))).toMatchObject({ severity: 'High' });
  expect(ocsfRecord(changed(asked, { break_glass: null }))).toMatchObject({ severity: 'Informational' });
  const judged = 'countersign.break-glass.reviewed.v1';
  expect(ocsfRecord(changed(judged, { verdict: 'not-justified' }))).toMatchObject({ severity: 'High' });
});

test('a workload is a service, a broker and the console are systems', () => {
  const by = (value: JsonObject) =>
    ocsfRecord(changed('countersign.grant.expired.v1', { by: value }))['actor'];
  const workload = { kind: 'workload', person: `w-${'d'.repeat(26)}`, sign_in: null, claims_at_ms: 1 };
  expect(by(workload)).toEqual({ user: { uid: workload.person, type_id: 4, type: 'Service' } });
  expect(by({ kind: 'broker', broker: 'broker-1' })).toEqual({
    user: { name: 'broker-1', type_id: 3, type: 'System' },
  });
  expect(by({ kind: 'console' })).toEqual({ user: { name: 'console', type_id: 3, type: 'System' } });
});

test('an entry of a later version, or with data of no type, becomes a Base Event that keeps them', () => {
  const later = { ...exampleOf('countersign.person.left.v1'), type: 'countersign.moon.landed.v9' };
  for (const entry of [later, changed('countersign.person.left.v1', { person: 7 })]) {
    const record = ocsfRecord(entry);
    expect(missingIn(record)).toEqual([]);
    expect(record).toMatchObject({
      class_uid: 0,
      activity_name: entry.type,
      unmapped: { groups: ['admins'] },
    });
  }
});
