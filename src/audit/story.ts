import type { AuditedEntry } from './audited-entry.ts';
import type { JudgedDecision } from './conformance.ts';

/** Fields whose value names one thing that several entries are about. */
const threads = ['request', 'proposal', 'reset', 'code', 'enrolment_code'] as const;

/** By what the entries of one story are known: a request, a proposal, a reset, an enrolment code, or nothing but a command. */
export interface Thread {
  readonly seq: number;
  readonly commands: ReadonlySet<string>;
  readonly names: ReadonlySet<string>;
}

const textIn = (entry: AuditedEntry, field: string): string | undefined => {
  const value = Object.hasOwn(entry.data, field) ? entry.data[field] : undefined;
  return typeof value === 'string' ? value : undefined;
};

/**
 * The story that an entry belongs to.
 * @param around entries before and after it, in order: those of its own command say what it is about
 */
export function threadOf(seq: number, around: readonly AuditedEntry[]): Thread | undefined {
  const entry = around.find((one) => one.seq === seq);
  if (entry === undefined) return undefined;
  const command = textIn(entry, 'command');
  const siblings = around.filter((one) => one === entry || textIn(one, 'command') === command);
  const own = namesIn(entry);
  const names = own.length > 0 ? own : siblings.flatMap(namesIn);
  return {
    seq,
    commands: new Set(names.length === 0 && command !== undefined ? [command] : []),
    names: new Set(names),
  };
}

const namesIn = (entry: AuditedEntry): string[] =>
  threads.flatMap((field) => {
    const name = textIn(entry, field);
    return name === undefined ? [] : [name];
  });

/** Gathers the judged entries of one story as the audit goes over the whole log. */
export function gatherStory(thread: Thread) {
  const told: JudgedDecision[] = [];
  const seqs = new Set<number>();
  const grants = new Set<string>();

  const belongs = (entry: AuditedEntry): boolean => {
    if (entry.seq === thread.seq || thread.commands.has(textIn(entry, 'command') ?? '')) return true;
    if (namesIn(entry).some((name) => thread.names.has(name))) return true;
    const about = Object.hasOwn(entry.data, 'about') ? entry.data['about'] : undefined;
    if (typeof about === 'number') return seqs.has(about);
    return typeof about === 'string' && (thread.names.has(about) || grants.has(about));
  };

  return {
    told,
    onJudged(judged: JudgedDecision): void {
      const { entry } = judged;
      if (!belongs(entry)) return;
      seqs.add(entry.seq);
      const grant = textIn(entry, 'grant');
      if (grant !== undefined) grants.add(grant);
      told.push(judged);
    },
  };
}
