import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Store } from '../../src/app/store.ts';
import { openSqliteStore } from '../../src/storage/sqlite/sqlite-store.ts';
import { START_MS } from './ticket-log.ts';

export function temporaryDatabase(): string {
  return join(mkdtempSync(join(tmpdir(), 'countersign-test-')), 'log.sqlite');
}

export function openStore(path: string): Store {
  return openSqliteStore(path, { nowMs: START_MS });
}
