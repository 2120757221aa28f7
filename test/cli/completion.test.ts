import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { machineAt } from './harness.ts';

const scripts = new Map<string, string>();
beforeAll(async () => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, stdout } = await machineAt('/nowhere').run(['completion', shell]);
    expect(code).toBe(0);
    scripts.set(shell, stdout);
  }
});

const shellAt = (name: string) => [`/bin/${name}`, `/usr/bin/${name}`].find((path) => existsSync(path));
const bash = shellAt('bash');

/** What bash offers after these words; the last one is being typed. */
function offered(...words: readonly string[]): readonly string[] {
  const line = ['countersign', ...words].map((word) => `'${word}'`).join(' ');
  const call = `COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _countersign; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync(bash ?? '', ['--norc', '-c', `${scripts.get('bash')}\n${call}`], { encoding: 'utf8' })
    .trim()
    .split('\n');
}

test.skipIf(bash === undefined)(
  'bash offers commands, then what belongs to each, and options everywhere',
  () => {
    expect(offered('')).toEqual(
      expect.arrayContaining(['login', 'factor', 'policy', 'exec', 'completion', '--json']),
    );
    expect(offered('fac')).toEqual(['factor']);
    expect(offered('factor', '')).toEqual(
      expect.arrayContaining(['enrol', 'vouch', 'ls', 'remove', '--server']),
    );
    expect(offered('factor', '')).not.toContain('login');
    expect(offered('--json', 'factor', 'enrol', '--')).toEqual(
      expect.arrayContaining(['--label', '--recovery', '--json']),
    );
    expect(offered('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
    expect(offered('ticket', 'change', 'INC-1', '--add')).toEqual(['--add-responder']);
  },
);

test.each(['bash', 'zsh', 'fish'])(
  '%s takes the script without a complaint, where it is installed',
  (name) => {
    const path = shellAt(name);
    if (path === undefined) return expect(scripts.get(name)).toContain('countersign');
    execFileSync(path, ['-n'], { input: scripts.get(name) });
  },
);

test.each(['bash', 'zsh', 'fish'])('%s is given every command with its words', (name) => {
  const script = scripts.get(name) ?? '';
  for (const word of [
    'login',
    'factor enrol',
    'ticket change',
    'policy publish',
    'log verify',
    'server run',
    'approve',
  ]) {
    expect(script).toContain(`'${word}'`);
  }
});
