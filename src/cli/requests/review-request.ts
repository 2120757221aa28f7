import { signInBrowser } from '../account/sign-in-browser.ts';
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
import { permissionsNamed } from './narrow-scope.ts';
import { offerReviewPage, type PageOptions, reviewPath } from './review-page.ts';
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
  const { client } = await context.api();
  const view = await findRequest(context, id);
  if (view.break_glass !== null) throw wasAnEmergency(view, decision.verdict);
  const statement = await prepare(context, view, decision);
  const reason = decision.reason ?? (decision.verdict === 'deny' ? await askReason(context) : undefined);
  const totp = await askCode(context, decision);
  const answer = await client.v1.requests[':id'].reviews.$post({
    param: { id: view.request },
    json: { statement, totp, ...(reason === undefined ? {} : { reason }) },
  });
  const after = await answer.json();
  context.output.result(after, [
    `${outcomeOf(after, statement.seconds, context.surroundings.nowMs())}   ${sayEntries(after.entries)}`,
  ]);
}

async function prepare(context: CliContext, view: RequestView, { verdict, duration, ...decision }: Decision) {
  const only = decision.only && permissionsNamed(view.scope, decision.only);
  const api = await context.api();
  const { client, person } = api;
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
  if (decision.totpStdin !== true) await offerReviewPage(context, view.request, decision);
  if (prepared.passkey !== null) throw signInBrowser(api, reviewPath(view.request));
  return statement;
}

/** A refusal without a reason teaches nobody anything. */
export async function askReason(context: CliContext): Promise<string> {
  const otherwise = 'Give it with -r TEXT.';
  const reason = await askLine(context, 'reason: ', otherwise);
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
