import type { Node, Pair } from 'yaml';
import { isMap, isScalar, isSeq, parseDocument } from 'yaml';
import type { Json } from '../log/json.ts';
import { guardYaml, lineCounterFor } from './guard-yaml.ts';
import type { Place, PolicyMistake } from './mistake.ts';
import { mistakeAt } from './mistake.ts';
import { pointerOf } from './pointer.ts';

/** A YAML or JSON file as plain values, and where each of them stands, by JSON pointer. */
export interface YamlFile {
  readonly path: string;
  readonly value: Json;
  readonly places: ReadonlyMap<string, YamlPlace>;
}

export interface YamlPlace {
  /** The key, where there is one. */
  readonly key: Place;
  readonly value: Place;
  /** As written: `012345678901` where the value is a number. undefined for lists and maps. */
  readonly source: string | undefined;
}

const maxDepth = 16;

/** Reads one file within the bounds of `guardYaml`. `file` is undefined when there is any mistake. */
export function readYaml(
  text: string,
  path: string,
): { readonly file: YamlFile | undefined; readonly mistakes: readonly PolicyMistake[] } {
  const guarded = guardYaml(text, path);
  if (guarded.length > 0) {
    return { file: undefined, mistakes: guarded };
  }
  const lines = lineCounterFor(text);
  const reading: Reading = {
    places: new Map(),
    mistakes: [],
    placeAt: (offset) => {
      const { line, col } = lines.linePos(offset);
      return { path, line, column: col };
    },
  };
  const value = composed(text, reading);
  return reading.mistakes.length > 0
    ? { file: undefined, mistakes: reading.mistakes }
    : { file: { path, value, places: reading.places }, mistakes: [] };
}

interface Reading {
  readonly places: Map<string, YamlPlace>;
  readonly mistakes: PolicyMistake[];
  readonly placeAt: (offset: number) => Place;
}

function composed(text: string, reading: Reading): Json {
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    prettyErrors: false,
    logLevel: 'error',
    // The library compares every key with every other; the walk below does the same with a set.
    uniqueKeys: false,
  });
  for (const error of [...document.errors, ...document.warnings]) {
    reading.mistakes.push(
      mistakeAt(reading.placeAt(error.pos[0]), 'yaml-syntax', `Not valid YAML: ${error.message}.`),
    );
  }
  if (document.contents === null) {
    reading.mistakes.push(mistakeAt(reading.placeAt(0), 'file-empty', 'Nothing is written here.'));
  }
  if (reading.mistakes.length > 0 || document.contents === null) {
    return null;
  }
  const start = reading.placeAt(document.contents.range?.[0] ?? 0);
  return plain(document.contents, [], start, reading);
}

/** Walks a node: its plain value is the result, its place and its mistakes go into `reading`. */
function plain(node: Node | null, path: readonly (string | number)[], key: Place, reading: Reading): Json {
  const value = node?.range ? reading.placeAt(node.range[0]) : key;
  const source = isScalar(node) ? node.source : undefined;
  reading.places.set(pointerOf(path), { key: path.length === 0 ? value : key, value, source });
  if (path.length > maxDepth) {
    reading.mistakes.push(mistakeAt(value, 'nested-too-deep', `Nested more than ${maxDepth} deep.`));
    return null;
  }
  if (isMap<Node, Node | null>(node)) {
    return plainMap(node.items, path, reading);
  }
  if (isSeq<Node>(node)) {
    return node.items.map((item, index) =>
      plain(item, [...path, index], positionOf(item, value, reading), reading),
    );
  }
  return isScalar(node) ? plainScalar(node.value) : null;
}

function plainMap(
  pairs: readonly Pair<Node, Node | null>[],
  path: readonly (string | number)[],
  reading: Reading,
): Json {
  const entries = new Map<string, Json>();
  for (const { key, value } of pairs) {
    const name = isScalar(key) ? String(key.value) : '';
    const place = positionOf(key, { path: '', line: 1, column: 1 }, reading);
    const complaint = refusedKey(name) ?? (entries.has(name) ? doubledKey(name, path, reading) : undefined);
    if (complaint === undefined) {
      entries.set(name, plain(value, [...path, name], place, reading));
    } else {
      reading.mistakes.push(mistakeAt(place, ...complaint));
    }
  }
  return Object.fromEntries(entries);
}

function refusedKey(name: string): readonly [rule: string, message: string] | undefined {
  switch (name) {
    case '<<':
      return [
        'yaml-merge',
        'Merge keys are refused, so that every line means what it says: write the values out.',
      ];
    case '__proto__':
      return ['name-not-usable', '`__proto__` cannot be a name: choose another.'];
    default:
      return undefined;
  }
}

function doubledKey(
  name: string,
  path: readonly (string | number)[],
  reading: Reading,
): readonly [string, string] {
  const first = reading.places.get(pointerOf([...path, name]))?.key;
  return ['doubled-key', `\`${name}\` is already there in line ${first?.line ?? 0}: remove one of them.`];
}

function positionOf(node: Node, otherwise: Place, reading: Reading): Place {
  return node.range ? reading.placeAt(node.range[0]) : otherwise;
}

function plainScalar(value: unknown): Json {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;
}
