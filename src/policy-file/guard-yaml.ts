import { CST, Lexer, LineCounter } from 'yaml';
import type { PolicyMistake } from './mistake.ts';
import { mistakeAt } from './mistake.ts';

export const MAX_FILE_BYTES = 256 * 1024;
const maxDepth = 16;

/** Finds the lines of a text once, then turns offsets into places. */
export function lineCounterFor(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) {
    lines.addNewLine(at + 1);
  }
  return lines;
}

type Complaint = readonly [offset: number, rule: string, message: string];

/**
 * What makes a YAML file dangerous or ambiguous, found on its tokens, before anything is built from them:
 * size, depth, aliases and anchors, tags, directives, further documents, invisible characters. Empty when it
 * may be composed.
 */
export function guardYaml(text: string, path: string): readonly PolicyMistake[] {
  const size = new TextEncoder().encode(text).length;
  if (size > MAX_FILE_BYTES) {
    const message = `The file has ${size} bytes; at most ${MAX_FILE_BYTES} are read. Put parts of it into files of their own: write \`scope: policies/orders-db.yaml\`.`;
    return [mistakeAt({ path, line: 1, column: 1 }, 'file-too-large', message)];
  }
  const characters = strangeCharacters(text);
  const complaints = characters.length > 0 ? characters : strangeTokens(text);
  const lines = lineCounterFor(text);
  return complaints.map(([offset, rule, message]) => {
    const { line, col } = lines.linePos(offset);
    return mistakeAt({ path, line, column: col }, rule, message);
  });
}

/** Text that a reviewer would see otherwise than the program reads it, comments included. */
function strangeCharacters(text: string): readonly Complaint[] {
  if (!text.isWellFormed()) {
    return [[0, 'not-unicode', 'The file is not valid Unicode text.']];
  }
  return Array.from(text.matchAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu))
    .filter(([character]) => !'\t\n\r'.includes(character))
    .map(({ 0: character, index }) => {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
      return [
        index,
        'invisible-character',
        `U+${code} cannot be seen, and can make a line read otherwise: remove it.`,
      ];
    });
}

function strangeTokens(text: string): readonly Complaint[] {
  const complaints: Complaint[] = [];
  const state = { offset: 0, documents: 0, depth: 0, indicators: 0, scalarNext: false };
  for (const lexeme of new Lexer().lex(text)) {
    const type = state.scalarNext ? 'text' : CST.tokenType(lexeme);
    state.scalarNext = type === 'scalar';
    const complaint = judge(type, state);
    if (complaint !== undefined) {
      complaints.push([state.offset, ...complaint]);
    }
    if (complaint?.[0] === 'nested-too-deep') {
      break;
    }
    state.offset += isMark(type) ? 0 : lexeme.length;
  }
  return complaints;
}

/** The lexer's own marks, which stand for no character of the text. */
function isMark(type: string | null): boolean {
  return type === 'doc-mode' || type === 'flow-error-end' || type === 'scalar';
}

interface Depths {
  documents: number;
  depth: number;
  /**
   * `-` and `?` on this line: the only way to nest blocks without indenting, so the only one that size does
   * not bound.
   */
  indicators: number;
}

const refusedTokens: Readonly<Record<string, readonly [rule: string, message: string]>> = {
  alias: [
    'yaml-alias',
    'Aliases are refused, so that every line means what it says: write the value out here.',
  ],
  anchor: ['yaml-anchor', 'Anchors are refused, so that every line means what it says: remove it.'],
  tag: [
    'yaml-tag',
    'Tags are refused: remove it. Text that looks like a number is written in quotes: "0123".',
  ],
  'directive-line': [
    'yaml-directive',
    'Directives are refused: the file is read as YAML 1.2. Remove the line.',
  ],
};

function judge(type: string | null, state: Depths): readonly [string, string] | undefined {
  switch (type) {
    case 'newline':
      state.indicators = 0;
      return undefined;
    case 'seq-item-ind':
    case 'explicit-key-ind':
      state.indicators += 1;
      return deep(state.indicators);
    case 'flow-map-start':
    case 'flow-seq-start':
      state.depth += 1;
      return deep(state.depth);
    case 'flow-map-end':
    case 'flow-seq-end':
      state.depth -= 1;
      return undefined;
    case 'doc-end':
    case 'doc-start':
      state.documents += 1;
      return type === 'doc-end' || state.documents > 1
        ? ['yaml-second-document', 'One document only: remove this line, or put the rest into another file.']
        : undefined;
    default:
      return type === null ? undefined : refusedTokens[type];
  }
}

function deep(depth: number): readonly [string, string] | undefined {
  return depth > maxDepth ? ['nested-too-deep', `Nested more than ${maxDepth} deep.`] : undefined;
}
