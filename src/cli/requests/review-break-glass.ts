import { askCode } from '../ask.ts';
import type { CliContext } from '../context.ts';
import { Ending } from '../ending.ts';
import { exitCode } from '../exit-codes.ts';
import { sayEntries } from '../say-people.ts';
import { breakGlassForm, checkStatement } from './check-statement.ts';
import { findRequest } from './find-request.ts';
import { type Decidable, hereOrOnPage } from './here-or-on-page.ts';
import type { PageOptions } from './review-page.ts';
import { askReason } from './review-request.ts';
import { showStatement } from './statement-lines.ts';

export interface EmergencyJudgement extends PageOptions {
  readonly verdict: 'justified' | 'not-justified';
  readonly reason?: string;
  readonly totpStdin?: boolean;
}

/** An emergency is judged after the fact; either verdict gives its reason. */
export async function reviewBreakGlass(
  context: CliContext,
  id: string,
  judgement: EmergencyJudgement,
): Promise<void> {
  const { client, person } = await context.api();
  const view = await findRequest(context, id);
  const param = { id: view.request };
  if (view.break_glass === null) {
    throw new Ending(
      exitCode.usage,
      `${view.request} was no emergency.`,
      `countersign approve ${view.request}`,
    );
  }
  const { verdict } = judgement;
  const prepared = await (
    await client.v1.requests[':id']['break-glass-statements'].$post({ param, json: { verdict } })
  ).json();
  const meant = { verdict, request: view.request, requester: view.person.person, reviewer: person };
  const statement = checkStatement(breakGlassForm, prepared, meant);
  showStatement(context, view, statement, prepared.statement_digest);
  const onPage: Decidable = {
    request: view.request,
    needsPasskey: prepared.passkey !== null,
    options: judgement,
    isOver: ({ break_glass: now }) => now?.reviewed === true,
    tell: (after) =>
      context.output.result(after, [`${view.request} is judged ${after.break_glass?.verdicts.join(', ')}`]),
  };
  const given = await hereOrOnPage(context, onPage, async (signal) => ({
    reason: judgement.reason ?? (await askReason(context, signal)),
    totp: await askCode(context, { ...judgement, signal }),
  }));
  if (given === undefined) return;
  const { reason, totp } = given;
  const answer = await client.v1.requests[':id']['break-glass-reviews'].$post({
    param,
    json: { statement, reason, totp },
  });
  const after = await answer.json();
  context.output.result(after, [`${view.request} is judged ${verdict}   ${sayEntries(after.entries)}`]);
}
