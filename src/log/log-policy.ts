import { equalBytes, fromUtf8 } from './bytes.ts';
import type { Cosignature } from './cosignature.ts';
import type { Hasher } from './hasher.ts';
import type { VerifierKey } from './note.ts';
import { BadNote, ED25519, ED25519_COSIGNATURE, formatVerifierKey, parseVerifierKey } from './note.ts';

export const MAX_POLICY_BYTES = 100_000;

export interface PolicyLog {
  readonly key: VerifierKey;
  readonly url?: string;
}

export interface PolicyWitness {
  readonly name: string;
  readonly key: VerifierKey;
  readonly url?: string;
}

export interface PolicyGroup {
  readonly name: string;
  /** How many members must have witnessed: 1 to the number of members. */
  readonly threshold: number;
  readonly members: readonly string[];
}

/** Whom an auditor believes (C2SP tlog-policy). */
export interface LogPolicy {
  readonly logs: readonly PolicyLog[];
  readonly witnesses: readonly PolicyWitness[];
  readonly groups: readonly PolicyGroup[];
  /** Name of a witness or group, or `none`: no cosignature is asked for. */
  readonly quorum: string;
}

export type LogPolicyReason =
  | 'too-large'
  | 'not-utf8'
  | 'control-character'
  | 'no-final-newline'
  | 'unknown-keyword'
  | 'wrong-number-of-items'
  | 'bad-key'
  | 'wrong-key-type'
  | 'duplicate-key'
  | 'reserved-name'
  | 'duplicate-name'
  | 'undefined-name'
  | 'member-used-twice'
  | 'bad-threshold'
  | 'quorum-missing'
  | 'quorum-twice';

/** A log policy file with a mistake. */
export class BadLogPolicy extends Error {
  readonly reason: LogPolicyReason;
  /** Counted from 1; 0 where the whole file is at fault. */
  readonly line: number;

  constructor(reason: LogPolicyReason, line: number) {
    super(`log policy refused, line ${line}: ${reason}`);
    this.name = 'BadLogPolicy';
    this.reason = reason;
    this.line = line;
  }
}

/** What the cosignatures of one checkpoint amount to under a policy. */
export interface QuorumVerdict {
  /** False for `quorum none`: nothing was asked for, so nothing was proved. */
  readonly required: boolean;
  readonly reached: boolean;
  /** Names of the witnesses that cosigned. */
  readonly witnesses: readonly string[];
}

/** Reads a policy file strictly. Throws BadLogPolicy. */
export function parseLogPolicy(hasher: Hasher, bytes: Uint8Array): LogPolicy {
  const text = decodePolicy(bytes);
  const draft: Draft = { logs: [], witnesses: [], groups: [], quorum: undefined, used: new Set() };
  for (const [at, line] of text.slice(0, -1).split('\n').entries()) {
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    const [keyword] = items;
    if (keyword === undefined || keyword.startsWith('#')) continue;
    const read = LINE_READERS.get(keyword);
    if (read === undefined) throw new BadLogPolicy('unknown-keyword', at + 1);
    read(draft, items.slice(1), at + 1, hasher);
  }
  const { logs, witnesses, groups, quorum } = draft;
  if (quorum === undefined) throw new BadLogPolicy('quorum-missing', 0);
  return { logs, witnesses, groups, quorum };
}

/** The policy as a file; groups stand in their given order, which must be one of definition before use. */
export function formatLogPolicy(policy: LogPolicy): string {
  const url = (at: { readonly url?: string }): string => (at.url === undefined ? '' : ` ${at.url}`);
  const lines = [
    ...policy.logs.map((log) => `log ${formatVerifierKey(log.key)}${url(log)}`),
    ...policy.witnesses.map((one) => `witness ${one.name} ${formatVerifierKey(one.key)}${url(one)}`),
    ...policy.groups.map((group) => `group ${group.name} ${group.threshold} ${group.members.join(' ')}`),
    `quorum ${policy.quorum}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** Judges cosignatures that were checked with the policy's own keys. Others count for nothing. */
export function evaluateQuorum(policy: LogPolicy, cosignatures: readonly Cosignature[]): QuorumVerdict {
  const signed = new Set(
    policy.witnesses
      .filter(({ key }) => cosignatures.some((one) => sameKey(one.key, key)))
      .map(({ name }) => name),
  );
  const witnesses = [...signed];
  for (const group of policy.groups) {
    const count = group.members.filter((member) => signed.has(member)).length;
    if (count >= group.threshold) signed.add(group.name);
  }
  const required = policy.quorum !== 'none';
  return { required, reached: !required || signed.has(policy.quorum), witnesses };
}

type Draft = {
  logs: PolicyLog[];
  witnesses: PolicyWitness[];
  groups: PolicyGroup[];
  quorum: string | undefined;
  used: Set<string>;
};
type ReadLine = (draft: Draft, items: readonly string[], line: number, hasher: Hasher) => void;

const LINE_READERS: ReadonlyMap<string, ReadLine> = new Map([
  ['log', readLog],
  ['witness', readWitness],
  ['group', readGroup],
  ['quorum', readQuorum],
]);

function readLog(draft: Draft, items: readonly string[], line: number, hasher: Hasher): void {
  const [encoded, url, ...rest] = items;
  if (encoded === undefined || rest.length > 0) throw new BadLogPolicy('wrong-number-of-items', line);
  const key = readKey(hasher, encoded, line);
  if (key.type !== ED25519) throw new BadLogPolicy('wrong-key-type', line);
  if (draft.logs.some((log) => equalBytes(log.key.publicKey, key.publicKey)))
    throw new BadLogPolicy('duplicate-key', line);
  draft.logs.push({ key, ...(url === undefined ? {} : { url }) });
}

function readWitness(draft: Draft, items: readonly string[], line: number, hasher: Hasher): void {
  const [name, encoded, url, ...rest] = items;
  if (name === undefined || encoded === undefined || rest.length > 0) {
    throw new BadLogPolicy('wrong-number-of-items', line);
  }
  checkNewName(draft, name, line);
  const key = readKey(hasher, encoded, line);
  if (key.type !== ED25519_COSIGNATURE) throw new BadLogPolicy('wrong-key-type', line);
  // One key under two names would count twice towards a threshold.
  if (draft.witnesses.some((one) => equalBytes(one.key.publicKey, key.publicKey))) {
    throw new BadLogPolicy('duplicate-key', line);
  }
  draft.witnesses.push({ name, key, ...(url === undefined ? {} : { url }) });
}

function readGroup(draft: Draft, items: readonly string[], line: number): void {
  const [name, count, ...members] = items;
  if (name === undefined || count === undefined || members.length === 0) {
    throw new BadLogPolicy('wrong-number-of-items', line);
  }
  checkNewName(draft, name, line);
  for (const member of members) {
    if (!isDefined(draft, member)) throw new BadLogPolicy('undefined-name', line);
    if (draft.used.has(member)) throw new BadLogPolicy('member-used-twice', line);
    draft.used.add(member);
  }
  draft.groups.push({ name, threshold: readThreshold(count, members.length, line), members });
}

function readQuorum(draft: Draft, items: readonly string[], line: number): void {
  const [name, ...rest] = items;
  if (name === undefined || rest.length > 0) throw new BadLogPolicy('wrong-number-of-items', line);
  if (draft.quorum !== undefined) throw new BadLogPolicy('quorum-twice', line);
  if (name !== 'none' && !isDefined(draft, name)) throw new BadLogPolicy('undefined-name', line);
  draft.quorum = name;
}

function readThreshold(count: string, members: number, line: number): number {
  if (count === 'any') return 1;
  if (count === 'all') return members;
  const threshold = Number(count);
  if (!/^[1-9]\d{0,5}$/.test(count) || threshold > members) throw new BadLogPolicy('bad-threshold', line);
  return threshold;
}

function readKey(hasher: Hasher, encoded: string, line: number): VerifierKey {
  try {
    return parseVerifierKey(hasher, encoded);
  } catch (error) {
    if (error instanceof BadNote) throw new BadLogPolicy('bad-key', line);
    throw error;
  }
}

function checkNewName(draft: Draft, name: string, line: number): void {
  if (name === 'none') throw new BadLogPolicy('reserved-name', line);
  if (isDefined(draft, name)) throw new BadLogPolicy('duplicate-name', line);
}

function isDefined(draft: Draft, name: string): boolean {
  return [...draft.witnesses, ...draft.groups].some((one) => one.name === name);
}

function sameKey(a: VerifierKey, b: VerifierKey): boolean {
  return a.name === b.name && a.type === b.type && equalBytes(a.publicKey, b.publicKey);
}

function decodePolicy(bytes: Uint8Array): string {
  if (bytes.length > MAX_POLICY_BYTES) throw new BadLogPolicy('too-large', 0);
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    throw new BadLogPolicy('not-utf8', 0);
  }
  const lines = text.split('\n');
  const bad = lines.findIndex((line) =>
    [...line].some((one) => (one < ' ' && one !== '\t') || one === '\x7f'),
  );
  if (bad !== -1) throw new BadLogPolicy('control-character', bad + 1);
  if (!text.endsWith('\n')) throw new BadLogPolicy('no-final-newline', lines.length);
  return text;
}
