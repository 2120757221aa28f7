import type { RequestView } from '../answers.ts';
import { askCode, askLine } from '../ask.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import type { NamedPermission } from '../option-values.ts';
import { printable } from '../output.ts';
import { sayEntries, stageInTurn } from '../say-people.ts';
import { sayDuration, sayMoment } from '../say-time.ts';
import { checkAsk, checkBounds, checkStatement, reviewForm } from './check-statement.ts';
import { findRequest } from './find-request.ts';
import { type Decidable, hereOrOnPage } from './here-or-on-page.ts';
import { permissionsNamed } from './narrow-scope.ts';
import type { PageOptions } from './review-page.ts';
import { showStatement } from './statement-lines.ts';

export interface Decision extends PageOptions {
  readonly verdict: 'approve' | 'deny';
  readonly duration?: number;
  readonly only?: readonly NamedPermission[];
  readonly reason?: string;
  readonly totpStdin?: boolean;
}

/** Shows what is decided, then asks for the code that decides it. */
export async function reviewRequest(context: CliContext, id: string, decision: Decision): Promise<void> {
  const { client, person } = await context.api();
  const view = await findRequest(context, id);
  const { verdict } = decision;
  if (view.break_glass !== null) throw wasAnEmergency(view, verdict);
  const { statement, needsPasskey } = await prepare(context, view, decision);
  const onPage: Decidable = {
    request: view.request,
    needsPasskey,
    options: decision,
    isOver: (now) => now.status !== 'pending' || ownReview(now, person) !== undefined,
    tell: (after) => tellOfPage(context, after, person),
  };
  const given = await hereOrOnPage(context, onPage, async (signal) => ({
    reason: decision.reason ?? (verdict === 'deny' ? await askReason(context, signal) : undefined),
    totp: await askCode(context, { ...decision, signal }),
  }));
  if (given === undefined) return;
  const { reason, totp } = given;
  const answer = await client.v1.requests[':id'].reviews.$post({
    param: { id: view.request },
    json: { statement, totp, ...(reason === undefined ? {} : { reason }) },
  });
  const after = await answer.json();
  context.output.result(after, [
    `${outcomeOf(after, statement.seconds, context.surroundings.nowMs())}   ${sayEntries(after.entries)}`,
  ]);
}

const ownReview = ({ reviews }: RequestView, person: string): RequestView['reviews'][number] | undefined =>
  reviews.findLast(({ reviewer }) => reviewer.person === person);

/** @throws Ending when it was decided without this reviewer */
function tellOfPage(context: CliContext, after: RequestView, person: string): void {
  const own = ownReview(after, person);
  if (own === undefined) {
    const message = `${after.request} is ${after.status}; you decided nothing.`;
    throw new Ending(exitCode.failure, message, `countersign show ${after.request}`);
  }
  const outcome = outcomeOf(after, own.duration_seconds, context.surroundings.nowMs());
  context.output.result(after, [`${outcome}   ${sayEntries([own.entry])}`]);
}

async function prepare(context: CliContext, view: RequestView, { verdict, duration, ...decision }: Decision) {
  const only = decision.only && permissionsNamed(view.scope, decision.only);
  const { client, person } = await context.api();
  const answer = await client.v1.requests[':id'].statements.$post({
    param: { id: view.request },
    json: {
      verdict,
      ...(duration === undefined ? {} : { duration_seconds: duration }),
      ...(only === undefined ? {} : { scope: [...only] }),
    },
  });
  const prepared = await answer.json();
  const meant = { verdict, request: view.request, requester: view.person.person, reviewer: person };
  const statement = checkStatement(reviewForm, prepared, meant);
  checkAsk(statement, view);
  checkBounds(statement, view, { seconds: duration, only });
  showStatement(context, view, statement, prepared.statement_digest);
  return { statement, needsPasskey: prepared.passkey !== null };
}

/** A refusal without a reason teaches nobody anything. */
export async function askReason(context: CliContext, signal?: AbortSignal): Promise<string> {
  const otherwise = 'Give it with -r TEXT.';
  const reason = await askLine(context, 'reason: ', otherwise, signal);
  if (reason.trim() === '') throw new Ending(exitCode.usage, 'This needs a reason.', otherwise);
  return reason;
}

function outcomeOf(view: RequestView, seconds: number, nowMs: number): string {
  const stage = stageInTurn(view);
  if (view.status === 'denied') return `${view.request} is denied`;
  const [first] = view.grants;
  if (first !== undefined) {
    const beginning = first.starts_at === null ? '' : `, from ${sayMoment(first.starts_at, nowMs)}`;
    const names = view.grants.map(({ grant }) => grant).join(', ');
    return `${view.request} is granted for ${sayDuration(first.duration_seconds)} as ${names}${beginning}`;
  }
  const soFar =
    stage === undefined ? '' : `; ${stage.have} of ${stage.people} from ${printable(stage.from)} so far`;
  return `you approved ${sayDuration(seconds)}${soFar}`;
}

const wasAnEmergency = ({ request }: RequestView, verdict: 'approve' | 'deny'): Ending =>
  new Ending(
    exitCode.usage,
    `${request} was an emergency: it was granted already, and is judged afterwards.`,
    `countersign ${verdict} ${request} --break-glass`,
  );
