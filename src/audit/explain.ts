import type { EventType } from '../domain/events.ts';
import type { AuditedEntry, JudgedEntry } from './audited-entry.ts';

/**
 * Why a session was legitimate, as one paragraph in which each sentence names its entry. It tells what the log says;
 * whether that holds is the audit's verdict, not this text's. undefined: the session is not on this stream.
 * @param stream all entries of one request's stream, in order, known to fit the catalogue
 */
export function explainSession(stream: Iterable<AuditedEntry>, session: string): string | undefined {
  const entries = [...stream] as unknown as JudgedEntry[]; // the caller has had them judged
  const opening = of(entries, 'countersign.session.opening.v1').find(({ data }) => data.session === session);
  const [submitted] = of(entries, 'countersign.request.submitted.v1');
  if (opening === undefined || submitted === undefined) return undefined;
  const before = entries.filter(({ seq }) => seq < opening.seq);
  return [
    asked(submitted),
    ...of(before, 'countersign.ticket.checked.v1').slice(-1).map(checked),
    ...of(before, 'countersign.request.reviewed.v1').map(reviewed),
    ...of(before, 'countersign.request.approved.v1').map(approved),
    opened(opening),
    ...entries.filter(({ seq }) => seq > opening.seq).flatMap((entry) => outcome(entry, session)),
  ].join(' ');
}

function of<T extends EventType>(entries: readonly JudgedEntry[], type: T): JudgedEntry<T>[] {
  return entries.filter((entry) => entry.type === type) as JudgedEntry<T>[]; // the type was compared
}

const at = (timeMs: number): string => new Date(timeMs).toISOString();

function asked({ seq, timeMs, data }: JudgedEntry<'countersign.request.submitted.v1'>): string {
  const how = data.break_glass === null ? '' : ', breaking the glass';
  const factor = data.proof === null ? 'without a factor' : `with the factor ${data.proof.factor}`;
  return `${data.person} asked for ${data.entitlement} on ${data.targets.join(', ')} for ${data.seconds} s at ${at(timeMs)}, ${factor}${how} (#${seq}).`;
}

function checked({ seq, data }: JudgedEntry<'countersign.ticket.checked.v1'>): string {
  const { source, project, state, part } = data.facts;
  return `Its ticket in ${source} ${project} was ${state}, with the requester as ${part} (#${seq}).`;
}

function reviewed({ seq, data }: JudgedEntry<'countersign.request.reviewed.v1'>): string {
  const what =
    data.verdict === 'deny' ? 'denied it' : `approved ${data.scope.length} permissions for ${data.seconds} s`;
  return `${data.reviewer}, in ${data.groups.join(', ')}, ${what} with the factor ${data.proof.factor} (#${seq}).`;
}

function approved({ seq, data }: JudgedEntry<'countersign.request.approved.v1'>): string {
  const scope = data.scope.map(({ action, resource }) => `${action} on ${resource}`).join('; ');
  return `That made the grant ${data.grant}: ${scope}, for ${data.seconds} s (#${seq}).`;
}

function opened({ seq, timeMs, data }: JudgedEntry<'countersign.session.opening.v1'>): string {
  return `Under it the session ${data.session} was being opened at ${at(timeMs)}, to end by ${at(data.ends_at_ms)} (#${seq}).`;
}

function outcome(entry: JudgedEntry, session: string): string[] {
  if (entry.type === 'countersign.session.opened.v1' && entry.data.session === session) {
    return [
      `The cloud calls it ${entry.data.cloud_session}; its credentials expired at ${at(entry.data.expires_at_ms)} (#${entry.seq}).`,
    ];
  }
  if (entry.type === 'countersign.session.failed.v1' && entry.data.session === session) {
    return [`It did not open${entry.data.certain ? '' : ', as far as is known'} (#${entry.seq}).`];
  }
  if (entry.type === 'countersign.grant.revoke-requested.v1') {
    return [`${entry.data.person} asked at ${at(entry.timeMs)} to revoke the grant (#${entry.seq}).`];
  }
  return [];
}
