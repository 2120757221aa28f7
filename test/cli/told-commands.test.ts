import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { machineAt } from './harness.ts';

/** Every command line that a message or a page tells somebody to type, its names written out. */
const told = [...globSync('{src,docs}/**/*.{ts,tsx,md}'), ...globSync('*.md')].flatMap((path) =>
  [...readFileSync(path, 'utf8').matchAll(/(?:`| {2}|\$ |^|\()countersign((?: [^\s`'")\\]+)+)/gm)]
    .map(([, words = '']) => ({ path, words: words.trim().split(' ') }))
    .filter(({ words: [first = ''] }) => /^[a-z]/.test(first)),
);

/** What `--help` says of the deepest command that these words name. */
const helps = new Map<string, Promise<string>>();
function helpOf(words: readonly string[]): Promise<string> {
  const names = words.filter((word) => /^[a-z-]+$/.test(word)).slice(0, 2);
  const key = names.join(' ');
  const asked =
    helps.get(key) ??
    machineAt('/nowhere')
      .run([...names, '--help'])
      .then(({ stdout }) => stdout);
  helps.set(key, asked);
  return asked;
}

async function whyNot(words: readonly string[]): Promise<string | undefined> {
  const help = await helpOf(words);
  const [, usage = ''] = /^Usage: countersign (.*)/.exec(help) ?? [];
  if (usage.startsWith('[options] [command]')) return 'no such command';
  if (usage.includes('[command]') && words.length > 1) return 'no such command under it';
  const unknown = words.find((word) => /^--[a-z]/.test(word) && !help.includes(word.replace(/=.*/, '')));
  return unknown && `no such option: ${unknown}`;
}

test('whatever somebody is told to type is a command that exists, with options it has', async () => {
  expect(told.length).toBeGreaterThan(80);
  const wrong: string[] = [];
  for (const { path, words } of told) {
    const why = await whyNot(words);
    if (why !== undefined) wrong.push(`${path}: countersign ${words.join(' ')}: ${why}`);
  }
  expect(wrong).toEqual([]);
});
