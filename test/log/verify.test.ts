import { expect, test } from 'vitest';
import { fromUtf8, hex, utf8 } from '../../src/log/bytes.ts';
import { parseCheckpoint } from '../../src/log/checkpoint.ts';
import { cosign } from '../../src/log/cosignature.ts';
import { NO_PREVIOUS, sealEntry } from '../../src/log/entry.ts';
import { parseLogPolicy } from '../../src/log/log-policy.ts';
import { ED25519_COSIGNATURE, formatVerifierKey, splitNote, verifierKeyOf } from '../../src/log/note.ts';
import { appendToTiles, emptyTileEdge } from '../../src/log/tile.ts';
import { emptyRoot, leafHash } from '../../src/log/tree.ts';
import type { LogVerdicts, VerifyInput } from '../../src/log/verify.ts';
import { verifyLog } from '../../src/log/verify.ts';
import type { RangeResult } from '../../src/log/verify-range.ts';
import { joinRanges, verifyRange } from '../../src/log/verify-range.ts';
import { verifyEd25519 } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import {
  checkpointOf,
  newSigner,
  origin,
  reader,
  rootOf,
  sampleDrafts,
  sealAll,
  startMs,
} from './sample-log.ts';

const signer = newSigner();
const key = verifierKeyOf(nodeHasher, signer);
const entries = sealAll(sampleDrafts(5000)); // more than one range
const checkpointNote = await checkpointOf(entries, signer);
const few = entries.slice(0, 20);
const fewNote = await checkpointOf(few, signer);

function check(
  log: readonly Uint8Array[],
  note: Uint8Array | undefined,
  more: Partial<VerifyInput> = {},
): Promise<LogVerdicts> {
  const input = {
    hasher: nodeHasher,
    verify: verifyEd25519,
    origin,
    logKeys: [key],
    checkpointNote: note,
    ...more,
  };
  return verifyLog({ ...input, entries: reader(log) });
}

function changed(bytes: Uint8Array, from: string, to: string): Uint8Array {
  const text = fromUtf8(bytes);
  if (!text.includes(from)) throw new Error(`nothing to change: ${from}`);
  return utf8(text.replace(from, to));
}

function at(log: readonly Uint8Array[], seq: number): Uint8Array {
  const bytes = log[seq];
  if (bytes === undefined) throw new Error(`no entry ${seq}`);
  return bytes;
}

function range(log: readonly Uint8Array[], first: number, count: number): RangeResult {
  return verifyRange(nodeHasher, log.slice(first, first + count), first, { origin, count });
}

test('a whole log is intact, and complete only as far as a held checkpoint reaches', async () => {
  const alone = await check(entries, checkpointNote);
  expect(alone.intact).toMatchObject({ passed: true, fault: undefined, checkpoint: { size: 5000 } });
  expect(alone.intact.signedBy).toBe(`${origin}+${hex(key.keyId)}`);
  expect(alone.complete).toMatchObject({ passed: 'not-reached', coveredSize: 0 });
  const held = await Promise.all(
    [20, 4096, 4097].map((size) => checkpointOf(entries.slice(0, size), signer)),
  );
  const both = await check(entries, checkpointNote, { heldCheckpoints: held });
  expect(both.complete).toMatchObject({ passed: true, coveredSize: 4097 });
  const same = await check(entries, checkpointNote, { heldCheckpoints: [checkpointNote] });
  expect(same.complete).toMatchObject({ passed: true, coveredSize: 5000 });
});

test('an empty log is intact with the empty root and with no other', async () => {
  expect((await check([], await checkpointOf([], signer))).intact.passed).toBe(true);
  const wrong = await checkpointOf(few, signer);
  const lie = parseCheckpoint(splitNote(wrong).text);
  expect(lie.root).not.toEqual(emptyRoot(nodeHasher));
  expect((await check([], wrong)).intact).toMatchObject({
    passed: false,
    fault: { seq: 0, reason: 'entry-missing' },
  });
});

test('1: with the last entries cut off, a log signed anew is intact but contradicts the checkpoint held', async () => {
  const { intact, complete } = await check(few.slice(0, 15), await checkpointOf(few.slice(0, 15), signer), {
    heldCheckpoints: [fewNote],
  });
  expect(intact.passed).toBe(true);
  expect(complete).toMatchObject({ passed: false, contradicts: { size: 20 } });
});

test('1: with the last entries cut off under the old checkpoint, the first missing one is named', async () => {
  const { intact, complete } = await check(few.slice(0, 15), fewNote);
  expect(intact).toMatchObject({ passed: false, fault: { seq: 15, reason: 'entry-missing' } });
  expect(complete.passed).toBe('not-reached');
});

test('a log that is not intact is never complete, though the beginning is as it was held', async () => {
  const held = [await checkpointOf(few.slice(0, 10), signer)];
  const log = few.with(19, changed(at(few, 19), 'naïve', 'naive'));
  const { intact, complete } = await check(log, fewNote, { heldCheckpoints: held });
  expect([intact.passed, complete.passed]).toEqual([false, 'not-reached']);
});

test("2: a log rewritten and signed again with the log's own key contradicts the checkpoint held", async () => {
  const rewritten = sealAll(sampleDrafts(25), 'another history');
  const { intact, complete } = await check(rewritten, await checkpointOf(rewritten, signer), {
    heldCheckpoints: [fewNote],
  });
  expect(intact.passed).toBe(true);
  expect(complete).toMatchObject({ passed: false, contradicts: { size: 20 } });
});

test('2: a log of the same size rewritten and signed again contradicts the checkpoint held', async () => {
  const rewritten = sealAll(sampleDrafts(20), 'another history');
  const { complete } = await check(rewritten, await checkpointOf(rewritten, signer), {
    heldCheckpoints: [fewNote],
  });
  expect(complete.passed).toBe(false);
});

test('3: two people shown different logs see it as soon as one has the checkpoint of the other', async () => {
  const forked = [...few.slice(0, 10), ...sealAll(sampleDrafts(20), 'fork').slice(10)];
  expect((await check(forked, await checkpointOf(forked, signer))).intact.fault).toMatchObject({
    seq: 10,
    reason: 'wrong-prev',
  });
  const one = sealAll(sampleDrafts(20), 'one');
  const other = sealAll(sampleDrafts(22), 'other');
  const held = [await checkpointOf(other, signer), await checkpointOf(one.slice(0, 5), signer)];
  const { complete } = await check(one, await checkpointOf(one, signer), { heldCheckpoints: held });
  expect(complete).toMatchObject({ passed: false, contradicts: { size: 22 } });
});

test('4: an old backup that was appended to contradicts a checkpoint of the time between', async () => {
  const drafts = sampleDrafts(20);
  const restored = sealAll([...drafts.slice(0, 12), ...drafts.slice(0, 10)]);
  const { intact, complete } = await check(restored, await checkpointOf(restored, signer), {
    heldCheckpoints: [fewNote],
  });
  expect(intact.passed).toBe(true);
  expect(complete.passed).toBe(false);
});

test('6: a byte changed in any entry is found', async () => {
  for (let seq = 0; seq < few.length; seq++) {
    const log = few.with(seq, changed(at(few, seq), 'naïve', 'naive'));
    const { intact } = await check(log, fewNote);
    const last = seq === few.length - 1;
    expect(intact.fault).toMatchObject(
      last ? { seq, reason: 'root-differs' } : { seq: seq + 1, reason: 'wrong-prev' },
    );
  }
});

test('6: a byte changed in an entry beside the seam of two ranges is found', async () => {
  const log = entries.with(4095, changed(at(entries, 4095), 'naïve', 'naive'));
  expect((await check(log, checkpointNote)).intact.fault).toMatchObject({ seq: 4096, reason: 'wrong-prev' });
});

test('6: a byte changed in the checkpoint, or another root signed, is found', async () => {
  const broken = utf8(fromUtf8(checkpointNote).replace('\n5000\n', '\n4999\n'));
  expect((await check(entries, broken)).intact).toMatchObject({ passed: false, checkpoint: undefined });
  const other = await checkpointOf(sealAll(sampleDrafts(20), 'other'), signer);
  expect((await check(few, other)).intact.fault).toMatchObject({
    seq: 19,
    reason: 'root-differs',
    found: hex(rootOf(few)),
  });
});

test('6: a byte changed in a tile is found, and so is a tile that is gone', async () => {
  const leaves = entries.map((bytes) => leafHash(nodeHasher, bytes));
  const rows = new Map<string, Uint8Array>();
  for (const tile of appendToTiles(nodeHasher, emptyTileEdge, leaves).tiles)
    rows.set(`${tile.level}/${tile.n}`, tile.hashes);
  const withTiles = (
    change: (name: string, tile: Uint8Array) => Uint8Array | undefined,
  ): Promise<LogVerdicts> =>
    check(entries, checkpointNote, {
      findTile: (level, n) => change(`${level}/${n}`, rows.get(`${level}/${n}`) ?? new Uint8Array(0)),
    });
  const flip = (tile: Uint8Array, position: number): Uint8Array =>
    tile.map((byte, i) => (i === position ? byte ^ 1 : byte));
  expect((await withTiles((_, tile) => tile)).intact.passed).toBe(true);
  expect((await withTiles((name, tile) => (name === '0/2' ? flip(tile, 40) : tile))).intact.fault).toEqual({
    seq: 513,
    reason: 'tile-differs',
  });
  expect((await withTiles((name, tile) => (name === '0/19' ? flip(tile, 0) : tile))).intact.fault).toEqual({
    seq: 4864,
    reason: 'tile-differs',
  });
  expect((await withTiles((name, tile) => (name === '0/3' ? undefined : tile))).intact.fault).toMatchObject({
    seq: 768,
    reason: 'tile-missing',
  });
  expect((await withTiles((name, tile) => (name === '1/0' ? flip(tile, 0) : tile))).intact.fault).toEqual({
    seq: 0,
    reason: 'tile-differs',
  });
});

test.each([
  ['dropped', few.toSpliced(7, 1), 7],
  ['doubled', few.toSpliced(7, 0, at(few, 7)), 8],
  ['swapped with the next', few.with(7, at(few, 8)).with(8, at(few, 7)), 7],
  ['deleted with its neighbour', few.toSpliced(7, 2), 7],
])('7, 14: an entry %s in the middle is found at its place', async (_name, log, seq) => {
  expect((await check(log, fewNote)).intact.fault).toMatchObject({ seq, reason: 'wrong-seq' });
});

test('10: the same value in another spelling is refused by name', async () => {
  const spell = async (from: string, to: string): Promise<string | undefined> =>
    (await check(few.with(5, changed(at(few, 5), from, to)), fewNote)).intact.fault?.reason;
  expect(await spell('"number":5', '"number": 5')).toBe('whitespace');
  expect(await spell('"number":5', '"number":5.0')).toBe('number-spelling');
  expect(await spell('"number":5', '"number":5,"number":5')).toBe('duplicate-key');
  expect(await spell('"number":5', '"number":18446744073709551616')).toBe('integer-too-large');
  expect(await spell('naïve', '\\ud800')).toBe('lone-surrogate');
  expect(await spell('naïve', 'na\\u00efve')).toBe('escape-spelling');
  expect(await spell('"subject":"5"', '"subject":"e\u0301"')).toBe('bad-subject');
  const notUtf8 = at(few, 5).map((byte, index) => (index === 200 ? 0xff : byte));
  expect((await check(few.with(5, notUtf8), fewNote)).intact.fault?.reason).toBe('not-utf8');
  const long = new Uint8Array(65_536).fill(0x20);
  expect((await check(few.with(5, long), fewNote)).intact.fault?.reason).toBe('too-large');
});

test("11: time that goes back is found, within a range and at a seam; time beyond the caller's clock is found", async () => {
  const place = { prev: NO_PREVIOUS, id: 'A'.repeat(22), origin, streamVersion: 1 };
  const draft = { type: 'countersign.a.b.v1', stream: 's', subject: 'x', data: {} };
  const first = sealEntry(draft, { ...place, seq: 0, timeMs: startMs });
  const second = sealEntry(draft, {
    ...place,
    seq: 1,
    prev: leafHash(nodeHasher, first),
    timeMs: startMs - 1,
    streamVersion: 2,
  });
  const back = [first, second];
  const note = await checkpointOf(back, signer);
  expect((await check(back, note)).intact.fault).toMatchObject({ seq: 1, reason: 'time-goes-back' });
  const seam = await joinRanges(nodeHasher, [range(back, 0, 1), range(back, 1, 1)]);
  expect(seam.fault).toMatchObject({ seq: 1, reason: 'time-goes-back' });
  const jump = await check(few, fewNote, { notAfterMs: startMs + 9_999 });
  expect(jump.intact.fault).toMatchObject({ seq: 10, reason: 'time-in-future' });
  expect((await check(few, fewNote, { notAfterMs: startMs + 19_000 })).intact.passed).toBe(true);
});

test('12: a log whose key was rotated is checked with both keys, and not beyond the final size of the old one', async () => {
  const fresh = newSigner();
  const logKeys = [{ ...key, finalSize: 15 }, verifierKeyOf(nodeHasher, fresh)];
  const held = [await checkpointOf(few.slice(0, 15), signer)];
  const good = await check(few, await checkpointOf(few, fresh), { logKeys, heldCheckpoints: held });
  expect([good.intact.passed, good.complete.passed]).toEqual([true, true]);
  expect((await check(few, fewNote, { logKeys })).intact.passed).toBe(false);
});

test('13: without a checkpoint, without its signature, or by another key, nothing passes', async () => {
  for (const note of [
    undefined,
    utf8(splitNote(fewNote).text),
    await checkpointOf(few, newSigner()),
    new Uint8Array(0),
  ]) {
    const { intact, complete } = await check(few, note, { heldCheckpoints: [fewNote] });
    expect([intact.passed, complete.passed]).toEqual([false, 'not-reached']);
  }
  expect((await check(few, fewNote, { logKeys: [] })).intact.passed).toBe(false);
  expect((await check(few, fewNote, { origin: 'other.example/log' })).intact.passed).toBe(false);
});

test('13: a held checkpoint that cannot be opened is never a pass, though another one fits', async () => {
  const unsigned = utf8(splitNote(fewNote).text);
  const { complete } = await check(few, fewNote, { heldCheckpoints: [fewNote, unsigned] });
  expect(complete.passed).toBe('not-reached');
});

test('13: a quorum that the policy asks for must be there, and then vouches for the size it cosigned', async () => {
  const witness = newSigner('witness.example');
  const vkey = formatVerifierKey(verifierKeyOf(nodeHasher, witness, ED25519_COSIGNATURE));
  const policy = parseLogPolicy(nodeHasher, utf8(`witness w ${vkey}\nquorum w\n`));
  const without = await check(few, fewNote, { policy, heldCheckpoints: [fewNote] });
  expect(without.complete).toMatchObject({ passed: 'not-reached', quorum: { reached: false } });
  const line = await cosign(nodeHasher, splitNote(fewNote).text, witness, 1_900_000_000);
  const cosigned = utf8(fromUtf8(fewNote) + line);
  expect((await check(few, cosigned, { policy })).complete).toMatchObject({ passed: true, coveredSize: 20 });
  const nothingAsked = parseLogPolicy(nodeHasher, utf8(`witness w ${vkey}\nquorum none\n`));
  expect((await check(few, cosigned, { policy: nothingAsked })).complete.passed).toBe('not-reached');
});

test("a log of another origin under this log's key is refused at its first entry", async () => {
  const other = sealAll(sampleDrafts(3)).map((bytes) => changed(bytes, origin, 'log.example/other'));
  expect((await check(other, await checkpointOf(other, signer))).intact.fault).toMatchObject({
    seq: 0,
    reason: 'other-origin',
  });
});

test('15: a log that grows while it is checked is checked up to the pinned size', async () => {
  expect((await check(entries, fewNote)).intact).toMatchObject({ passed: true, checkpoint: { size: 20 } });
});

test('a stream version that is left out or told twice is found', async () => {
  const log = few.with(19, changed(at(few, 19), '"streamversion":"3"', '"streamversion":"4"'));
  expect((await check(log, await checkpointOf(log, signer))).intact.fault).toMatchObject({
    seq: 19,
    reason: 'wrong-stream-version',
    expected: '3',
    found: '4',
  });
  const first = [changed(at(few, 0), '"streamversion":"1"', '"streamversion":"2"')];
  expect((await check(first, await checkpointOf(first, signer))).intact.fault).toMatchObject({
    seq: 0,
    reason: 'wrong-stream-version',
  });
});

test('a first entry that names a predecessor is found', async () => {
  const log = [changed(at(few, 0), '"prev":"AAAA', '"prev":"BAAA')];
  expect((await check(log, await checkpointOf(log, signer))).intact.fault).toMatchObject({
    seq: 0,
    reason: 'wrong-prev',
  });
});

test('aligned ranges of any length join to the same root, and pinned sizes to the roots at those sizes', async () => {
  const pinnedSizes = [1, 16, 17, 40, 48, 50];
  const log = entries.slice(0, 50);
  for (const step of [1, 2, 8, 16, 64]) {
    const results: RangeResult[] = [];
    for (let first = 0; first < log.length; first += step) {
      const count = Math.min(step, log.length - first);
      results.push(
        verifyRange(nodeHasher, log.slice(first, first + count), first, { origin, count, pinnedSizes }),
      );
    }
    const joined = await joinRanges(nodeHasher, results);
    expect(joined).toMatchObject({ size: 50, fault: undefined });
    expect(hex(joined.root)).toBe(hex(rootOf(log)));
    for (const size of pinnedSizes) {
      expect(joined.rootsAt.get(size)).toEqual(rootOf(log.slice(0, size)));
    }
  }
});

test('ranges that are not aligned, overfull, or not next to one another are refused', async () => {
  expect(() => range(few, 2, 4)).toThrow(RangeError);
  const over = verifyRange(nodeHasher, few, 0, { origin, count: 16 });
  expect(over.fault).toEqual({ seq: 16, reason: 'entry-left-over' });
  await expect(joinRanges(nodeHasher, [range(few, 0, 8), range(few, 16, 4)])).rejects.toThrow(RangeError);
});
