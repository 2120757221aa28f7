import { lstatSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadAwsCatalogue } from '../../cloud-actions/aws/load-catalogue.ts';
import type { Policy } from '../../domain/policy/policy.ts';
import { checkPolicyFile, type PolicyFinding } from '../../policy-file/check.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { printable } from '../output.ts';
import { pathFrom } from '../surroundings.ts';

export interface LocalPolicy {
  readonly text: string;
  /** Text of each scope file it names, by the path it is named with. */
  readonly scopes: Readonly<Record<string, string>>;
  /** There only when nothing in it is an error. */
  readonly policy: Policy | undefined;
  readonly findings: readonly PolicyFinding[];
  /** The catalogue its cloud actions were looked up in; null: it names none, or its form is wrong. */
  readonly catalogue: string | null;
}

/** What the broker takes of a file. */
const MOST_BYTES = 262_144;

/**
 * A policy file with the scope files beside it, checked without a broker: which issuers are configured is not known
 * here, and the broker checks again.
 */
export async function readLocalPolicy({ surroundings }: CliContext, file: string): Promise<LocalPolicy> {
  const path = pathFrom(surroundings, file);
  const text = textOf(path, file);
  const scopes = new Map<string, string>();
  const readScope = (named: string): string => {
    const scope = textOf(join(dirname(path), named), named);
    scopes.set(named, scope);
    return scope;
  };
  const { policy, findings, catalogue } = await checkPolicyFile(
    { text, path: file, readScope },
    { nowMs: surroundings.nowMs(), loadCatalogue: loadAwsCatalogue },
  );
  return { text, scopes: Object.fromEntries(scopes), policy, findings, catalogue };
}

/** The text of one file, within the same bounds. @throws Ending `usage` */
export const readLocalFile = ({ surroundings }: CliContext, file: string): string =>
  textOf(pathFrom(surroundings, file), file);

function textOf(path: string, named: string): string {
  try {
    if (lstatSync(path).size > MOST_BYTES) throw new RangeError('too large');
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(path));
  } catch (error) {
    const why =
      error instanceof RangeError
        ? 'is larger than 256 KiB'
        : error instanceof TypeError
          ? 'is not UTF-8'
          : 'cannot be read';
    throw new Ending(exitCode.usage, `${printable(named)} ${why}.`, 'Check the path.');
  }
}

/** `file:line:column  error  what is wrong  (rule)`, as editors and pipelines read it. */
export const findingLines = (findings: readonly PolicyFinding[]): readonly string[] =>
  findings.map(
    ({ path, line, column, severity, message, rule }) =>
      `${printable(path)}:${line}:${column}  ${severity}  ${printable(message)}  (${rule})`,
  );
