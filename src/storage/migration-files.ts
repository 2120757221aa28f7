import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Migration } from './migration.ts';

/** The files of a folder in the order in which they are applied. */
export function readMigrations(directory: string): readonly Migration[] {
  const names = readdirSync(directory)
    .filter((name) => /^\d{4}-[a-z0-9-]+\.sql$/.test(name))
    .sort();
  if (names.length === 0) throw new Error(`no migrations in ${directory}`);
  return names.map((name) => {
    const text = readFileSync(join(directory, name), 'utf8');
    return { name, text, digest: `sha256:${createHash('sha256').update(text).digest('hex')}` };
  });
}

/** `migrations/<engine>` of this program, whether it runs from its sources or from `dist`. */
export function migrationsDirectory(engine: 'sqlite' | 'postgres'): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'migrations', engine))) {
    if (folder === dirname(folder))
      throw new Error(`the folder migrations/${engine} is missing from this installation`);
    folder = dirname(folder);
  }
  return join(folder, 'migrations', engine);
}
