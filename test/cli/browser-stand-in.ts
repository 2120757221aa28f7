import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A screen, and what opens addresses on it: a program that notes what stood on its command line, then runs a script. */
export interface BrowserStandIn {
  readonly environment: Readonly<Record<string, string>>;
  readonly folder: string;
  /** The addresses it was given, in order. */
  seen(): readonly string[];
}

/** @param script of a shell; the address is `$1` */
export function browserStandIn(home: string, script = 'true'): BrowserStandIn {
  const folder = mkdtempSync(join(home, 'bin-'));
  const program = join(folder, process.platform === 'darwin' ? 'open' : 'xdg-open');
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$1" >> ${folder}/seen\n${script}\n`);
  chmodSync(program, 0o700);
  return {
    environment: { SSH_CONNECTION: '', DISPLAY: ':7', PATH: `${folder}:${process.env['PATH']}` },
    folder,
    seen: () =>
      existsSync(`${folder}/seen`) ? readFileSync(`${folder}/seen`, 'utf8').trim().split('\n') : [],
  };
}
