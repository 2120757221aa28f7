import { Readable } from 'node:stream';
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
