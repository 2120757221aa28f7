import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { fromUtf8, utf8 } from '../../src/log/bytes.ts';
import {
  formatCheckpoint,
  openCheckpoint,
  parseCheckpoint,
  signCheckpoint,
} from '../../src/log/checkpoint.ts';
import { cosign, cosignaturesOf } from '../../src/log/cosignature.ts';
import { evaluateQuorum, parseLogPolicy } from '../../src/log/log-policy.ts';
import type { NoteSigner, VerifierKey } from '../../src/log/note.ts';
import {
  ED25519_COSIGNATURE,
  formatSignatureLine,
  formatVerifierKey,
  openNote,
  parseVerifierKey,
  signNote,
  verifierKeyOf,
} from '../../src/log/note.ts';
import { ed25519Signer, verifyEd25519 } from '../../src/platform/node-ed25519.ts';
import { nodeHasher } from '../../src/platform/node-hasher.ts';
import { newSigner, origin } from './sample-log.ts';

const signer = newSigner();
const key = verifierKeyOf(nodeHasher, signer);
const checkpoint = { origin, size: 42, root: nodeHasher.sha256(utf8('x')) };
const signed = await signCheckpoint(nodeHasher, checkpoint, signer);

async function withCosignature(witness: NoteSigner, timeSeconds: number, note = signed): Promise<Uint8Array> {
  return utf8(
    fromUtf8(note) + (await cosign(nodeHasher, formatCheckpoint(checkpoint), witness, timeSeconds)),
  );
}

function witnessKey(witness: NoteSigner): VerifierKey {
  return verifierKeyOf(nodeHasher, witness, ED25519_COSIGNATURE);
}

test('the published note opens with the published key', async () => {
  const example = parseVerifierKey(
    nodeHasher,
    'example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k',
  );
  const line =
    '— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=';
  const opened = await openNote(utf8(`This is an example message.\n\n${line}\n`), [example], verifyEd25519);
  expect(opened).toEqual({
    text: 'This is an example message.\n',
    verified: [{ key: example, line }],
    unknown: [],
  });
});

test('a checkpoint is signed and opened again', async () => {
  const opened = await openCheckpoint(signed, [key], verifyEd25519);
  expect(opened.checkpoint).toEqual(checkpoint);
  expect(opened.signedBy).toBe(key);
});

test('a checkpoint by nobody known, by another key of the same name, or without any key to believe, does not open', async () => {
  const other = verifierKeyOf(nodeHasher, newSigner());
  await expect(openCheckpoint(signed, [other], verifyEd25519)).rejects.toMatchObject({
    reason: 'no-known-signature',
  });
  await expect(openCheckpoint(signed, [], verifyEd25519)).rejects.toMatchObject({ reason: 'no-log-key' });
  const cosigningOnly = verifierKeyOf(nodeHasher, signer, ED25519_COSIGNATURE);
  await expect(openCheckpoint(signed, [cosigningOnly], verifyEd25519)).rejects.toMatchObject({
    reason: 'no-log-key',
  });
});

test('a witness alone does not vouch for a checkpoint', async () => {
  const witness = newSigner('witness.example');
  const line = await cosign(nodeHasher, formatCheckpoint(checkpoint), witness, 1_900_000_000);
  const note = utf8(`${formatCheckpoint(checkpoint)}\n${line}`);
  const options = { cosigners: [witnessKey(witness)] };
  await expect(openCheckpoint(note, [key], verifyEd25519, options)).rejects.toMatchObject({
    reason: 'not-signed-by-log',
  });
});

test("a log's key does not vouch for another log's origin, in signing or in opening", async () => {
  const elsewhere = { ...checkpoint, origin: 'other.example/log' };
  await expect(signCheckpoint(nodeHasher, elsewhere, signer)).rejects.toMatchObject({
    reason: 'other-origin',
  });
  const note = await signNote(nodeHasher, formatCheckpoint(elsewhere), [signer]);
  await expect(openCheckpoint(note, [key], verifyEd25519)).rejects.toMatchObject({ reason: 'other-origin' });
});

test('any changed byte of a signed checkpoint keeps it from opening', async () => {
  for (let at = 0; at < signed.length; at++) {
    const changed = signed.map((byte, index) => (index === at ? byte ^ 1 : byte));
    await expect(openCheckpoint(changed, [key], verifyEd25519)).rejects.toHaveProperty('reason');
  }
});

test('after a rotation old and new key open what they may, and the old one nothing beyond its final size', async () => {
  const fresh = newSigner();
  const keys = [{ ...key, finalSize: 42 }, verifierKeyOf(nodeHasher, fresh)];
  const later = { ...checkpoint, size: 43 };
  expect((await openCheckpoint(signed, keys, verifyEd25519)).signedBy).toBe(keys[0]);
  const byNew = await signCheckpoint(nodeHasher, later, fresh);
  expect((await openCheckpoint(byNew, keys, verifyEd25519)).signedBy).toBe(keys[1]);
  const byOld = await signCheckpoint(nodeHasher, later, signer);
  await expect(openCheckpoint(byOld, keys, verifyEd25519)).rejects.toMatchObject({ reason: 'key-retired' });
  const byBoth = await signNote(nodeHasher, formatCheckpoint(later), [signer, fresh]);
  expect((await openCheckpoint(byBoth, keys, verifyEd25519)).signedBy).toBe(keys[1]);
});

test('extension lines are read only where they are allowed', () => {
  const text = `${formatCheckpoint(checkpoint)}extension\n`;
  expect(() => parseCheckpoint(text)).toThrow(expect.objectContaining({ reason: 'extension-lines' }));
  expect(parseCheckpoint(text, { allowExtensions: true })).toEqual(checkpoint);
  expect(() => parseCheckpoint(`${text}\n`, { allowExtensions: true })).toThrow(
    expect.objectContaining({ reason: 'wrong-number-of-lines' }),
  );
});

test.each([
  [{ size: -1 }, 'bad-size'],
  [{ size: 0.5 }, 'bad-size'],
  [{ size: 2 ** 53 }, 'bad-size'],
  [{ root: new Uint8Array(31) }, 'bad-root'],
  [{ origin: 'a b' }, 'bad-origin'],
])('a checkpoint with %o is not written', (more, reason) => {
  expect(() => formatCheckpoint({ ...checkpoint, ...more })).toThrow(expect.objectContaining({ reason }));
});

test("a cosignature opens with the witness's key and tells its time; the latest of several counts", async () => {
  const witness = newSigner('witness.example');
  const note = await withCosignature(witness, 1_900_000_500, await withCosignature(witness, 1_900_000_900));
  const options = { cosigners: [witnessKey(witness)] };
  const opened = await openCheckpoint(note, [key], verifyEd25519, options);
  expect(cosignaturesOf(opened.note)).toEqual([{ key: options.cosigners[0], timeSeconds: 1_900_000_900 }]);
});

test('a cosignature over another checkpoint, or with another time, rejects the note when the witness is known', async () => {
  const witness = newSigner('witness.example');
  const text = formatCheckpoint({ ...checkpoint, size: 43 });
  const options = { cosigners: [witnessKey(witness)] };
  const other = utf8(fromUtf8(signed) + (await cosign(nodeHasher, text, witness, 1_900_000_000)));
  await expect(openCheckpoint(other, [key], verifyEd25519, options)).rejects.toMatchObject({
    reason: 'signature-fails',
  });
  expect((await openCheckpoint(other, [key], verifyEd25519)).note.unknown).toHaveLength(1);
  await expect(cosign(nodeHasher, text, witness, 0.5)).rejects.toThrow(RangeError);
  await expect(cosign(nodeHasher, text, witness, 0)).rejects.toThrow(RangeError);
});

test('two keys that share name and id are both refused', async () => {
  const twin = { ...verifierKeyOf(nodeHasher, newSigner()), keyId: key.keyId };
  await expect(openNote(signed, [key, twin], verifyEd25519)).rejects.toMatchObject({
    reason: 'ambiguous-key',
  });
});

test('a note that is no text with a newline, or signed by nobody, is not made', async () => {
  await expect(signNote(nodeHasher, 'text', [signer])).rejects.toMatchObject({ reason: 'no-final-newline' });
  await expect(signNote(nodeHasher, 'a\rb\n', [signer])).rejects.toMatchObject({
    reason: 'control-character',
  });
  await expect(signNote(nodeHasher, 'text\n', [])).rejects.toMatchObject({ reason: 'no-signatures' });
  const named = { ...signer, name: 'a+b' };
  await expect(signNote(nodeHasher, 'text\n', [named])).rejects.toMatchObject({ reason: 'bad-name' });
});

test('a note beyond a million bytes is refused unread', async () => {
  await expect(openNote(new Uint8Array(1_000_001), [key], verifyEd25519)).rejects.toMatchObject({
    reason: 'too-large',
  });
});

test('a quorum is reached by the witnesses its groups ask for, and by no fewer', async () => {
  const witnesses = ['x1', 'x2', 'x3', 'y1'].map((name) => ({ name, signer: newSigner(`${name}.example`) }));
  const lines = witnesses
    .map((one) => `witness ${one.name} ${formatVerifierKey(witnessKey(one.signer))}\n`)
    .join('');
  const file = `${lines}group x 2 x1 x2 x3\ngroup both all x y1\nquorum both\n`;
  const policy = parseLogPolicy(nodeHasher, utf8(file));
  const judge = (...names: string[]): unknown =>
    evaluateQuorum(
      policy,
      policy.witnesses
        .filter((one) => names.includes(one.name))
        .map((one) => ({ key: one.key, timeSeconds: 1 })),
    );
  expect(judge('x1', 'x3', 'y1')).toEqual({ required: true, reached: true, witnesses: ['x1', 'x3', 'y1'] });
  expect(judge('x1', 'x2', 'x3')).toMatchObject({ reached: false });
  expect(judge('x1', 'y1')).toMatchObject({ reached: false });
  expect(judge()).toMatchObject({ reached: false });
  const stranger = witnessKey(newSigner('x1.example'));
  expect(evaluateQuorum(policy, [{ key: stranger, timeSeconds: 1 }])).toMatchObject({
    reached: false,
    witnesses: [],
  });
  const none = parseLogPolicy(nodeHasher, utf8('quorum none\n'));
  expect(evaluateQuorum(none, [])).toEqual({ required: false, reached: true, witnesses: [] });
});

test('a policy may have blanks, tabs, comments, and the words any and all for how many', () => {
  const [one, other] = ['a.example', 'b.example'].map((name) =>
    formatVerifierKey(witnessKey(newSigner(name))),
  );
  const file = `\n  # ours\n\twitness a\t${one}  \nwitness b ${other}\ngroup either any a b\ngroup all-of-it all either\nquorum all-of-it\n`;
  expect(parseLogPolicy(nodeHasher, utf8(file)).groups).toEqual([
    { name: 'either', threshold: 1, members: ['a', 'b'] },
    { name: 'all-of-it', threshold: 1, members: ['either'] },
  ]);
  const three = file.replace('group either any', 'group either all');
  expect(parseLogPolicy(nodeHasher, utf8(three)).groups[0]?.threshold).toBe(2);
});

test('a policy beyond 100,000 bytes is refused', () => {
  const file = utf8(`#${'x'.repeat(100_000)}\nquorum none\n`);
  expect(() => parseLogPolicy(nodeHasher, file)).toThrow(expect.objectContaining({ reason: 'too-large' }));
});

test('a signature of another length, or with a time beyond 2^53 seconds, is refused before it is tried', async () => {
  const believeAll = (): boolean => true;
  const cut = `text\n\n${formatSignatureLine(key, new Uint8Array(63))}`;
  await expect(openNote(utf8(cut), [key], believeAll)).rejects.toMatchObject({ reason: 'signature-fails' });
  const witness = witnessKey(newSigner('witness.example'));
  const late = `text\n\n${formatSignatureLine(witness, new Uint8Array(72).fill(255))}`;
  await expect(openNote(utf8(late), [witness], believeAll)).rejects.toMatchObject({
    reason: 'signature-fails',
  });
  const fine = `text\n\n${formatSignatureLine(witness, new Uint8Array(72))}`;
  expect((await openNote(utf8(fine), [witness], believeAll)).verified).toHaveLength(1);
});

test('a private key of another kind makes no signer, and bytes that are no key verify nothing', async () => {
  const pem = generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  expect(() => ed25519Signer(origin, pem)).toThrow(TypeError);
  expect(await verifyEd25519(new Uint8Array(31), utf8('m'), new Uint8Array(64))).toBe(false);
  expect(await verifyEd25519(signer.publicKey, utf8('m'), new Uint8Array(63))).toBe(false);
  expect(await verifyEd25519(signer.publicKey, utf8('m'), new Uint8Array(64))).toBe(false);
  expect(await verifyEd25519(signer.publicKey, utf8('m'), await signer.sign(utf8('m')))).toBe(true);
});
