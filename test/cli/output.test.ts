import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exitCode, exitCodeOf } from '../../src/cli/exit-codes.ts';
import { outputOf, printable } from '../../src/cli/output.ts';
import { machineAt } from './harness.ts';

test.each([
  ['an escape sequence that colours or clears', '\u001b[2J\u001b[31mred', '�[2J�[31mred'],
  ['the one-byte form of it', '\u009b31mred', '�31mred'],
  ['a title or clipboard sequence', '\u001b]52;c;AAAA\u0007', '�]52;c;AAAA�'],
  ['a carriage return that writes over the line', 'denied\rapproved', 'denied approved'],
  ['a backspace', 'deny\b\b\b\bsign', 'deny����sign'],
  ['an override of the direction of writing', 'INC-\u202e1922', 'INC-�1922'],
  ['an isolate', 'a\u2066b\u2069', 'a�b�'],
  ['an invisible mark', 'pay\u200bments', 'pay�ments'],
  ['a tag character, which hides text', 'a\u{e0041}b', 'a�b'],
  ['a private character', 'a\ue000b', 'a�b'],
  ['a line break that begins a line of its own', 'fine\n✓ approved', 'fine ✓ approved'],
  ['plain text with accents and symbols', 'Zoë · 東京 – 30 min', 'Zoë · 東京 – 30 min'],
])('%s is made safe to show', (_what, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('line breaks stay where several lines are meant, and nothing else that steers does', () => {
  expect(printable('a\nb\u001b[1A\tc', { multiline: true })).toBe('a\nb�[1A�c');
});

test('whatever the text, no control or format character is left, and what is safe is kept as it is', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const shown = printable(text);
      expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      expect(printable(shown)).toBe(shown);
    }),
  );
});

function outputTo(options: { json?: boolean; quiet?: boolean }) {
  const written = { stdout: '', stderr: '' };
  const sink = (name: 'stdout' | 'stderr') => ({ write: (text: string) => (written[name] += text) });
  const streams = { stdout: sink('stdout'), stderr: sink('stderr') };
  // Of a stream the output only uses `write`.
  const surroundings = { ...machineAt('/nowhere').surroundings(), ...(streams as never as object) };
  const output = outputOf(surroundings, {
    json: false,
    quiet: false,
    verbose: false,
    color: false,
    ...options,
  });
  return { output, written };
}

test('results go to stdout, progress and endings to stderr', () => {
  const { output, written } = outputTo({});
  output.progress('waiting');
  output.result({ n: 1 }, ['one']);
  output.ending({
    code: 8,
    message: 'no\u001b[2J',
    mend: 'ask',
    rule: 'a-rule',
    entry: 7,
    mistakes: [{ at: '1:2', message: 'bad' }],
  });
  expect(written.stdout).toBe('one\n');
  expect(written.stderr).toBe('waiting\n✗ no�[2J\n  rule: a-rule, entry #7\n  1:2  bad\n→ ask\n');
});

test('with --json stdout is one document, and with --quiet there is no progress', () => {
  const { output, written } = outputTo({ json: true, quiet: true });
  output.progress('waiting');
  output.result({ n: 1 }, ['one']);
  expect(JSON.parse(written.stdout)).toEqual({ n: 1 });
  expect(written.stderr).toBe('');
});

test('every way to fail has an exit code, and none of them says that it was done', () => {
  const codes = Object.values(exitCodeOf);
  expect(codes.length).toBeGreaterThan(20);
  expect(codes).not.toContain(exitCode.done);
  expect(exitCodeOf).toMatchObject({
    'malformed-input': 2,
    'policy-invalid': 2,
    'not-signed-in': 4,
    'factor-wrong': 4,
    'refused-by-rule': 8,
    internal: 1,
  });
});

test.each([
  [[], 2],
  [['--help'], 0],
  [['nonsense'], 2],
  [['whoami', '--nonsense'], 2],
  [['whoami', 'too', 'many'], 2],
  [['completion', 'tcsh'], 2],
])('the words %j end with %i', async (words, code) => {
  expect((await machineAt('/nowhere').run(words)).code).toBe(code);
});
