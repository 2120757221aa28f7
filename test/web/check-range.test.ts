import { expect, test } from 'vitest';
import { concat, fromUtf8, utf8 } from '../../src/log/bytes.ts';
import { type RangeResult, startRange, verifyRange } from '../../src/log/verify-range.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { createWasmHasher } from '../../web/hashing/wasm-hasher.ts';
import { checkTile } from '../../web/verify/check-range.ts';
import { tilesIn } from '../../web/verify/entry-range.ts';
import { origin, sampleDrafts, sealAll } from '../log/sample-log.ts';

/** Every second one is plain; the others hold what is more than one byte a character. */
const entries = sealAll(
  sampleDrafts(700).map((draft, at) => (at % 2 === 0 ? draft : { ...draft, data: { number: at } })),
);
const hasher = createWasmHasher();
const options = { origin, count: entries.length, pinnedSizes: [1, 255, 256, 257, 600, 700] };

async function* sent(log: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const one of log) yield concat(Uint8Array.of(one.length >> 8, one.length & 255), one);
}

async function inTiles(log: readonly Uint8Array[]): Promise<RangeResult> {
  const range = startRange(hasher, 0, options);
  for await (const tile of tilesIn(sent(log))) if (checkTile(hasher, range, tile) === undefined) break;
  return range.finish();
}

const whole = (log: readonly Uint8Array[]): RangeResult => verifyRange(nodeHasher, log, 0, options);

test('a range checked tile by tile, as it comes, is what it is when checked whole', async () => {
  const result = await inTiles(entries);
  expect(result).toEqual(whole(entries));
  expect(result.fault).toBeUndefined();
  expect(result.pinned.map(({ size }) => size)).toEqual(options.pinnedSizes);
});

const changes: readonly (readonly [string, (log: Uint8Array[], seq: number) => void])[] = [
  ['changed in its data', (log, seq) => edit(log, seq, '"number":', '"number":1')],
  ['put in the place of the next', (log, seq) => void log.splice(seq, 1)],
  ['there twice', (log, seq) => void log.splice(seq, 0, log[seq] ?? new Uint8Array())],
  ['said to be of another moment', (log, seq) => edit(log, seq, '"time":"2030', '"time":"2029')],
  ['spelled with a blank', (log, seq) => edit(log, seq, '"data":{', '"data": {')],
  ['no text at all', (log, seq) => void log.splice(seq, 1, Uint8Array.of(0xff, 0xfe))],
];

function edit(log: Uint8Array[], seq: number, from: string, to: string): void {
  log[seq] = utf8(fromUtf8(log[seq] ?? new Uint8Array()).replace(from, to));
}

test.each(changes)(
  'an entry that is %s is the same fault tile by tile, wherever it stands',
  async (_, change) => {
    for (const seq of [1, 254, 255, 256, 511, 512, 697]) {
      const log = [...entries];
      change(log, seq);
      const result = await inTiles(log);
      expect(result.fault).toBeDefined();
      expect(result).toEqual(whole(log));
    }
  },
);
