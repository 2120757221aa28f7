import { createHash } from 'node:crypto';
import first from '../../../migrations/sqlite/0001-the-log-and-its-read-models.sql';
import second from '../../../migrations/sqlite/0002-which-broker-does-timed-work.sql';
import type { Migration } from '../migration.ts';

/** A Worker has no folder to read: the bundler puts the files' text here. In the order in which they are applied. */
export const bundledMigrations: readonly Migration[] = [
  migration('0001-the-log-and-its-read-models.sql', first),
  migration('0002-which-broker-does-timed-work.sql', second),
];

function migration(name: string, text: string): Migration {
  return { name, text, digest: `sha256:${createHash('sha256').update(text).digest('hex')}` };
}
