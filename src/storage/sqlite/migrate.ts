import { migrationsDirectory, readMigrations } from '../migration-files.ts';
import { applyMigrations } from './apply-migrations.ts';
import type { Client } from './connection.ts';
import { fileEngine } from './file-engine.ts';

/** Brings a file to the schema in `directory`, this program's own when left out; see `applyMigrations`. */
export function migrate(
  client: Client,
  nowMs: number,
  directory: string = migrationsDirectory('sqlite'),
): void {
  applyMigrations(fileEngine(client), readMigrations(directory), nowMs);
}
