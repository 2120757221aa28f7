import fc from 'fast-check';
import { expect, test } from 'vitest';
import { base64, utf8 } from '../../src/log/bytes.ts';
import { NonCanonicalJson, parseCanonical } from '../../src/log/canonical-json.ts';
import { MalformedEntry, parseEntry, readEnvelopeHead, sealEntry } from '../../src/log/entry.ts';
import { lastMemberOfPlainObject, UNSURE } from '../../src/log/plain-json.ts';

const isStoredForm = (bytes: Uint8Array): boolean => {
  try {
    parseCanonical(bytes);
    return true;
  } catch (error) {
    if (error instanceof NonCanonicalJson) return false;
    throw error;
  }
};

const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`;

test.each([
  ['{"a":1}', 1],
  ['{"a":1,"b":{"a":[],"c":{}},"data":[null,true,false,-5,0,"x"]}', 27],
  ['{"":"","it":"a \\"quoted\\" \\\\ text\\n"}', 7],
  [`{"n":${'9'.repeat(15)}}`, 1],
  [nested(31), 1],
])('%s is plain, and its last member begins at byte %i', (text, begins) => {
  expect(isStoredForm(utf8(text))).toBe(true);
  expect(lastMemberOfPlainObject(utf8(text))).toBe(begins);
});

test.each([
  ['nothing at all', ''],
  ['no object', '[1]'],
  ['an object without members', '{}'],
  ['a blank', '{"a": 1}'],
  ['a blank behind', '{"a":1} '],
  ['something behind', '{"a":1}{"a":1}'],
  ['an end that is missing', '{"a":[1]'],
  ['a comma too many', '{"a":1,}'],
  ['a comma too many in an array', '{"a":[1,]}'],
  ['a comma that is missing', '{"a":1"b":2}'],
  ['brackets that cross', '{"a":[{"b":1]}}'],
  ['a name twice', '{"a":1,"b":{"a":1},"a":1}'],
  ['a name twice further in', '{"a":{"b":1,"c":2,"b":1}}'],
  ['a name like a number', '{"b":1,"1":1}'],
  ['a name with an escape', '{"a\\n":1}'],
  ['a letter spelled as a number', '{"a":"\\u0041"}'],
  ['an escaped slash', '{"a":"\\/"}'],
  ['half a pair', '{"a":"\\ud800"}'],
  ['a control character', '{"a":"\u0001"}'],
  ['another character than ASCII', '{"a":"é"}'],
  ['a byte order mark', '\ufeff{"a":1}'],
  ['a fraction', '{"a":1.5}'],
  ['an exponent', '{"a":1e2}'],
  ['a needless zero', '{"a":01}'],
  ['a minus before nothing', '{"a":-}'],
  ['a minus before zero', '{"a":-0}'],
  ['a plus', '{"a":+1}'],
  ['a number that is not exact', '{"a":9007199254740993}'],
  ['a word that is none', '{"a":nul}'],
  ['half a word', '{"a":tru'],
  ['more nesting than is stored', nested(32)],
])('%s is not plain', (_name, text) => {
  expect(lastMemberOfPlainObject(utf8(text))).toBe(UNSURE);
});

const entry = sealEntry(
  {
    type: 'countersign.request.submitted.v1',
    stream: 'request/r-1',
    subject: 'r-1',
    data: { by: { kind: 'human' }, scope: [{ action: 'read', more: '{"x":1}' }], seconds: 1800, start: null },
  },
  {
    seq: 7,
    prev: new Uint8Array(32).fill(7),
    id: 'A'.repeat(22),
    origin: 'log.example/countersign',
    timeMs: 1_777_920_743_085,
    streamVersion: 3,
  },
);

/** An entry with some of its bytes replaced, taken out, doubled, or by others between them. */
const damaged = fc
  .array(
    fc.record({
      at: fc.nat({ max: entry.length - 1 }),
      without: fc.nat({ max: 3 }),
      put: fc.oneof(
        fc.constantFrom(
          '',
          '"',
          '\\',
          ',',
          ':',
          '{',
          '}',
          '[',
          ']',
          '0',
          '1',
          '-',
          '.',
          'e',
          ' ',
          'u',
          'a',
          'é',
        ),
        fc.constantFrom('"data":', '{}', ',"data":{}', '"a":1,', 'null', 'true', '\\ud800', '\\u00e9', '1e2'),
      ),
    }),
    { minLength: 0, maxLength: 3 },
  )
  .map((edits) => {
    let text = new TextDecoder().decode(entry);
    for (const { at, without, put } of edits) text = text.slice(0, at) + put + text.slice(at + without);
    return utf8(text);
  });

test('what is called plain is in stored form, however an entry was damaged', () => {
  let plain = 0;
  fc.assert(
    fc.property(damaged, (bytes) => {
      if (lastMemberOfPlainObject(bytes) === UNSURE) return;
      plain++;
      expect(isStoredForm(bytes)).toBe(true);
    }),
    { numRuns: 5000 },
  );
  expect(plain).toBeGreaterThan(500);
});

const read = <T>(parse: () => T): T | string => {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedEntry) return error.reason;
    throw error;
  }
};

test('the head of an entry is refused exactly when the entry is, and for the same reason', () => {
  fc.assert(
    fc.property(damaged, (bytes) => {
      const whole = read(() => parseEntry(bytes));
      const head = read(() => readEnvelopeHead(bytes));
      expect(read(() => readEnvelopeHead(bytes, Buffer.from(bytes).toString('latin1')))).toEqual(head);
      if (typeof whole === 'string') expect(head).toBe(whole);
      else {
        const { id, source, type, time, subject, stream } = whole;
        expect(head).toMatchObject({ id, source, type, time, subject, stream });
        expect(head).toMatchObject({ seq: String(whole.seq), streamversion: String(whole.streamVersion) });
        expect(head).toMatchObject({ prev: base64(whole.prev) });
      }
    }),
    { numRuns: 5000 },
  );
});
