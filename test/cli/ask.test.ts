import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { pipedLine } from '../../src/cli/ask.ts';
import { contextOf } from '../../src/cli/context.ts';
import { outputOf } from '../../src/cli/output.ts';
import { machineAt } from './harness.ts';

function contextReading(pieces: readonly string[], objectMode: boolean) {
  const surroundings = {
    ...machineAt('/nowhere').surroundings(),
    stdin: Readable.from(
      pieces.map((piece) => (objectMode ? piece : Buffer.from(piece))),
      { objectMode },
    ),
  };
  const output = outputOf(surroundings, { json: false, quiet: false, verbose: false, color: false });
  return contextOf({ surroundings, output, mayAsk: false, server: undefined });
}

test.each([true, false])(
  'lines that are piped in are read one after the other, however they are cut (%s)',
  async (objectMode) => {
    const context = contextReading(['111', '111\n222222\n33', '3333'], objectMode);
    expect(await pipedLine(context)).toBe('111111');
    expect(await pipedLine(context)).toBe('222222');
    expect(await pipedLine(context)).toBe('333333');
    expect(await pipedLine(context)).toBe('');
    expect(await pipedLine(context)).toBe('');
  },
);

test('an empty standard input is an empty line, not a wait', async () => {
  expect(await pipedLine(contextReading([], true))).toBe('');
});

test('who holds the other end of a pipe open does not keep the program from ending', async () => {
  const ask = new URL('../../src/cli/ask.ts', import.meta.url).href;
  const program = `const { pipedLine } = await import(${JSON.stringify(ask)});
    const context = { surroundings: { stdin: process.stdin } };
    console.log(await pipedLine(context));
    console.log(await pipedLine(context));`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.write('111111\n');
  child.stdout.once('data', () => child.stdin.write('222222\n'));
  const [[code], output] = await Promise.all([once(child, 'close'), text(child.stdout)]);
  expect({ code, output }).toEqual({ code: 0, output: '111111\n222222\n' });
  child.stdin.destroy();
});
