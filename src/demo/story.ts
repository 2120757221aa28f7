import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFiles } from '../assemble.ts';
import { currentCheckpoint, editOneEntry, rewriteAll } from './cheat.ts';
import type { Answer, DemoUser } from './client.ts';
import { expect, type Narrator } from './narrator.ts';
import type { Stage } from './stage.ts';
import { type Verdicts, verdictsOf, verifyByCommand } from './verify-by-command.ts';

type Scope = readonly { action: string; resource: string; access: string }[];

const TICKET = 'INC-2291';

/** A night at an invented company, really done over HTTP. Each step throws when anything is not as it says. */
export async function tellStory(stage: Stage, narrator: Narrator): Promise<void> {
  const { maya, tomas } = stage.users;
  const { step } = narrator;
  const at = { request: '', grant: '', token: '', approvedEntry: 0, shortened: 900 };

  await step(1, 'Maya calls production', async (line) => {
    const answer = await stage.callOrders('DELETE', '/batches/42', undefined);
    expect(answer.status === 401, `production answered ${answer.status}`);
    line(`DELETE /batches/42                   ✗ 401 ${answer.text}`);
  });

  await step(2, 'Maya asks: orders-db-operator, 30 min', async (line) => {
    const asked = await ask(maya, maya.code());
    at.request = String(asked.body['request']);
    line(`ticket    ✓ ${TICKET} is open, Maya responds`);
    line('factor    ✓ code, used once', asked.body['entries'] as number[]);
    const page = await stage.pager.page('countersign.review-wanted', at.request);
    line(`paged     ✓ ${page.group}, by a signed webhook`);
  });

  await step(3, 'Maya approves herself', async (line) => {
    const refused = await maya.call('POST', `/v1/requests/${at.request}/statements`, { verdict: 'approve' });
    expect(refused.body['rule'] === 'approver-is-not-requester', `she got ${JSON.stringify(refused.body)}`);
    line(`✗ ${refused.body['rule']}`, [Number(refused.body['entry'])]);
  });

  await step(4, 'Tomas reads what he signs off, shortens it to 15 min, approves', async (line) => {
    const prepared = ok(
      await tomas.call('POST', `/v1/requests/${at.request}/statements`, {
        verdict: 'approve',
        duration_seconds: at.shortened,
      }),
    );
    const statement = prepared.body['statement'] as { scope: Scope };
    for (const { action, resource, access } of statement.scope) {
      line(`+ ${action.padEnd(18)} ${access.padEnd(12)} ${resource}`);
    }
    const reviewed = ok(
      await tomas.call('POST', `/v1/requests/${at.request}/reviews`, { statement, totp: tomas.code() }),
    );
    const entries = reviewed.body['entries'] as number[];
    const [grant] = reviewed.body['grants'] as { grant: string }[];
    at.grant = grant?.grant ?? 'no grant';
    at.approvedEntry = entries.at(-1) ?? 0;
    line('✓ 1 of 1', entries);
  });

  await step(5, 'Session opens', async (line) => {
    const opened = ok(await maya.call('POST', `/v1/grants/${at.grant}/sessions`, {}));
    at.token = String((opened.body['credentials'] as { token: string }).token);
    line('token shown once, stored nowhere', opened.body['entries'] as number[]);
    await production(stage, line, at.token, '/batches/42', 204, '✓ 204');
    await production(stage, line, at.token, '/customers/7', 403, '✗ 403 outside what Tomas approved');
  });

  const kept = currentCheckpoint(dataFiles(stage.data).database);
  const keptFile = join(stage.directory, 'kept-by-the-auditor.checkpoint');
  await step(6, 'An auditor keeps one checkpoint', async (line) => {
    await writeFile(keptFile, kept.note);
    line(`${kept.size} entries, saved outside the broker`);
  });

  await step(7, 'Tomas revokes it', async (line) => {
    const started = performance.now();
    const revoked = ok(
      await tomas.call('POST', `/v1/grants/${at.grant}/revocation`, { reason: 'batch is cleared' }),
    );
    expect(revoked.body['status'] === 'revoked', `it is ${revoked.body['status']}`);
    const seconds = ((performance.now() - started) / 1000).toFixed(2);
    line(`requested, confirmed within ${seconds} s`, revoked.body['entries'] as number[]);
    await production(stage, line, at.token, '/batches/43', 401, '✗ 401 revoked');
  });

  narrator.say();
  await step(8, 'Verify', async (line) => {
    const { verdicts, text } = await verifyByCommand({ data: stage.data, checkpoint: keptFile });
    for (const told of text) line(told);
    expect(
      verdicts.intact === true && verdicts.complete === true && verdicts.conformant === true,
      'a verdict failed',
    );
  });

  narrator.say();
  await step(9, 'Now we cheat, in a copy', (line) => cheat(stage, keptFile, at.approvedEntry, line));
}

async function ask(maya: DemoUser, totp: string): Promise<Answer> {
  return ok(
    await maya.call('POST', '/v1/requests', {
      entitlement: 'orders-db-operator',
      duration_seconds: 1800,
      ticket: TICKET,
      justification: 'Export batch 42 is poisoned and blocks the queue.',
      totp,
    }),
  );
}

function ok(answer: Answer): Answer {
  expect(answer.status < 300, `${answer.status} ${JSON.stringify(answer.body)}`);
  return answer;
}

async function production(
  stage: Stage,
  line: (text: string) => void,
  token: string,
  path: string,
  status: number,
  says: string,
): Promise<void> {
  const answer = await stage.callOrders('DELETE', path, token);
  expect(answer.status === status, `DELETE ${path} answered ${answer.status} ${answer.text}`);
  line(`DELETE ${path.padEnd(29)} ${says}`);
}

function lengthen(text: string): string {
  const longer = text.replace('"seconds":900,', '"seconds":3600,');
  expect(longer !== text, 'the entry does not say how long the grant is');
  return longer;
}

async function cheat(stage: Stage, kept: string, entry: number, line: (text: string) => void): Promise<void> {
  const edited = await stage.newCopy('edited');
  editOneEntry(dataFiles(edited).database, entry, lengthen);
  const first = await verifyByCommand({ data: edited, checkpoint: kept });
  expect(first.verdicts.intact === false, 'the edit was not seen');
  line(`15 min becomes 60 in #${entry}`);
  line(`  ${verdictsOf(first, 'intact')}`);

  const rewritten = await stage.newCopy('rewritten');
  await rewriteAll(dataFiles(rewritten).database, entry, lengthen, stage.logSigner);
  const second = await verifyByCommand({ data: rewritten, checkpoint: kept });
  expectOnlyIncomplete(second.verdicts);
  line('rewrite all of it, sign with the log’s own key');
  line(`  ${verdictsOf(second, 'intact')}`);
  line(`  ${verdictsOf(second, 'complete')}`);
}

function expectOnlyIncomplete(verdicts: Verdicts): void {
  expect(verdicts.intact === true, 'the rewritten log should be intact in itself');
  expect(verdicts.complete === false, 'the rewriting was not seen');
}
