import type { ScopeItem } from '../answers.ts';
import { printable } from '../output.ts';
import { tableLines } from '../table.ts';

/** A glyph and a word for each kind of access: what can hurt is told apart without colour. */
const accessWords = {
  read: '○ read',
  write: '● write',
  destructive: '▲ destructive',
  credentials: '◆ credentials',
} as const satisfies Record<ScopeItem['access'], string>;

export const scopeLines = (scope: readonly ScopeItem[]): readonly string[] =>
  tableLines(
    scope.map(({ access, action, resource }) => [
      accessWords[access],
      printable(action),
      printable(resource),
    ]),
  );
