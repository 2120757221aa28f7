import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Sealing, sealDraft } from '../../src/app/sequencer/seal-draft.ts';
import { catalogue, type EventType } from '../../src/domain/events.ts';
import { fromBase64, fromUtf8 } from '../../src/log/bytes.ts';
import { checkDisclosure } from '../../src/log/commitment.ts';
import { NO_PREVIOUS, readEntry } from '../../src/log/entry.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { eventsDocument } from '../../tools/events-document.ts';
import { EXAMPLE_AT_MS, exampleEvents } from './example-events.ts';

const directory = new URL('../vectors/events/', import.meta.url);
const types = Object.keys(catalogue) as EventType[]; // its own keys, of which the type is made
const fileOf = (type: EventType): URL => new URL(`${type}.json`, directory);

/** Random bytes that are the same each time: 1, 2, 3 … */
const sealing: Sealing = {
  hasher: nodeHasher,
  random: { bytes: (count) => Uint8Array.from({ length: count }, (_, at) => at + 1) },
  origin: 'log.example/countersign',
};

const stamp = {
  by: {
    kind: 'human',
    person: `p-${'a'.repeat(26)}`,
    sign_in: `i-${'6'.repeat(26)}`,
    claims_at_ms: EXAMPLE_AT_MS - 1000,
  },
  command: `c-${'8'.repeat(26)}`,
  program: 'countersign/0.1.0',
  decided_at_ms: EXAMPLE_AT_MS,
} as const;

const sealed = (type: EventType) =>
  sealDraft(sealing, exampleEvents[type], stamp, {
    seq: 41,
    prev: NO_PREVIOUS,
    timeMs: EXAMPLE_AT_MS + 7,
    streamVersion: 3,
  });

// Written once, for a type that is new; what is there is never written again.
if (process.env['WRITE_NEW_VECTORS'] === '1') {
  mkdirSync(directory, { recursive: true });
  for (const type of types) if (!existsSync(fileOf(type))) writeFileSync(fileOf(type), sealed(type).bytes);
}

test.each(types)('%s: its released bytes have not changed', (type) => {
  expect(fromUtf8(sealed(type).bytes)).toBe(readFileSync(fileOf(type), 'utf8'));
});

test.each(types)('%s: what was released is still read, and fits the catalogue', (type) => {
  const entry = readEntry(new Uint8Array(readFileSync(fileOf(type))));
  expect(entry.type).toBe(type);
  expect(catalogue[type].schema.safeParse(entry.data).error).toBeUndefined();
});

test('every released file is of a type that is still in the catalogue', () => {
  expect(readdirSync(directory).toSorted()).toEqual(types.map((type) => `${type}.json`).toSorted());
});

/** What one factor is shown with, the other is not: the example is a code’s. */
const ofTheOther = ['nonce null', 'counter null'];

test.each(types)('%s: its example fills every field, so that the bytes hold each', (type) => {
  const { data } = sealed(type);
  for (const [name, value] of Object.entries(data)) {
    const said = `${name} ${JSON.stringify(value)}`;
    if (type === 'countersign.factor.used.v1' && ofTheOther.includes(said)) continue;
    expect(said).not.toBe(`${name} null`);
  }
});

test('the documentation of the events is up to date (npm run events)', () => {
  const written = readFileSync(new URL('../../docs/events.md', import.meta.url), 'utf8');
  expect(written).toBe(eventsDocument());
});

test.each(types)('%s: no personal text stands in its bytes, and each can be disclosed', (type) => {
  const { bytes, disclosures, data } = sealed(type);
  expect(disclosures.map(({ field }) => field)).toEqual([...catalogue[type].personal]);
  for (const { field, key, value } of disclosures) {
    const { commitment } = data[field] as { readonly commitment: string }; // as the catalogue's schema saw it
    expect(fromUtf8(bytes)).not.toContain(`"${value}"`);
    const disclosure = { key, type, pointer: `/${field}`, value };
    expect(checkDisclosure(nodeHasher, fromBase64(commitment), disclosure)).toBe(true);
    expect(checkDisclosure(nodeHasher, fromBase64(commitment), { ...disclosure, value: `${value}.` })).toBe(
      false,
    );
  }
});

test.each(types)('%s: a field that is missing or unknown does not fit the catalogue', (type) => {
  const { data } = sealed(type);
  const { schema } = catalogue[type];
  expect(schema.safeParse({ ...data, extra: 1 }).success).toBe(false);
  for (const name of Object.keys(data)) {
    const { [name]: _, ...rest } = data;
    expect(`${name} ${schema.safeParse(rest).success}`).toBe(`${name} false`);
  }
});
