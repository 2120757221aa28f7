import { LineCounter, parseDocument } from 'yaml';
import { Failure, type Mistake } from './domain/errors.ts';

const MOST_BYTES = 65_536;

export interface Yaml {
  readonly value: Record<string, unknown>;
  readonly lineOf: (path: readonly PropertyKey[]) => string;
}

/**
 * @param path as it is told in what is wrong with it
 * @throws Failure `malformed-input`
 */
export function readYaml(path: string, text: string): Yaml {
  if (text.length > MOST_BYTES)
    throw badConfig(path, [{ at: '1:1', message: `is larger than ${MOST_BYTES} bytes` }]);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    version: '1.2',
    schema: 'core',
    uniqueKeys: true,
  });
  const [broken] = [...document.errors, ...document.warnings];
  if (broken !== undefined) {
    const { line, col } = lines.linePos(broken.pos[0]);
    throw badConfig(path, [
      { at: `${line}:${col}`, message: broken.message.split('\n')[0] ?? 'is not valid YAML' },
    ]);
  }
  const value = plainValue(document, path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw badConfig(path, [
      { at: '1:1', message: 'must be a mapping; docs/configuration.md has one to start from' },
    ]);
  }
  const lineOf = (steps: readonly PropertyKey[]): string => {
    for (let length = steps.length; length > 0; length--) {
      const node: unknown = document.getIn(steps.slice(0, length), true);
      const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : undefined;
      if (Array.isArray(range)) {
        const { line, col } = lines.linePos(Number(range[0]));
        return `${line}:${col}`;
      }
    }
    return '1:1';
  };
  return { value: value as Record<string, unknown>, lineOf };
}

/** An alias says the same thing in two places, which nobody needs in a file of this size. */
function plainValue(document: ReturnType<typeof parseDocument>, path: string): unknown {
  try {
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    throw badConfig(path, [{ at: '1:1', message: 'holds an alias (*name); write the value out' }]);
  }
}

export const badConfig = (path: string, mistakes: readonly Mistake[]): Failure =>
  new Failure(
    'malformed-input',
    `The configuration ${path} has ${mistakes.length} mistake${mistakes.length === 1 ? '' : 's'}.`,
    {
      mistakes,
      mend: 'docs/configuration.md explains every line.',
    },
  );
