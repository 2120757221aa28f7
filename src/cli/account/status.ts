import { hc } from 'hono/client';
import type { AppType } from '../../http/app.ts';
import type { GrantView, RequestView } from '../answers.ts';
import { reach } from '../api.ts';
import type { CliContext } from '../context.ts';
import { printable } from '../output.ts';
import { lifeOf } from '../requests/request-lines.ts';
import { sayPerson } from '../say-people.ts';
import { sayDuration } from '../say-time.ts';
import { serverAddress } from '../server-address.ts';

/** Does the broker answer and write; what waits for the caller, and what they hold. */
export async function showStatus(context: CliContext): Promise<void> {
  const server = await serverAddress(context);
  const broker = await readinessOf(server);
  const { client } = await context.api();
  const [waiting, active] = await Promise.all([
    client.v1.requests.$get({ query: { waiting: 'true' } }).then((answer) => answer.json()),
    client.v1.grants.$get({ query: { active: 'true' } }).then((answer) => answer.json()),
  ]);
  const nowMs = context.surroundings.nowMs();
  context.output.result({ server, broker, waiting: waiting.items, active: active.items }, [
    `broker   ${printable(server)}  ${broker.status === 'ready' ? '✓ answers and writes' : `✗ read-only: ${printable(broker.reason ?? '')}`}`,
    ...section('waiting', waiting.items.map(waitingLine), 'nothing waits for you', waiting.next_cursor),
    ...section(
      'active',
      active.items.map((grant) => activeLine(grant, nowMs)),
      'you have no production access; that is normal',
      active.next_cursor,
    ),
  ]);
}

/** Open to everybody: asked without a sign-in, and answered with 503 while nothing can be written. */
async function readinessOf(server: string) {
  const client = hc<AppType>(server, {
    fetch: (input: RequestInfo | URL, init?: RequestInit) => reach(String(input), init),
  });
  return (await client.readyz.$get()).json();
}

const waitingLine = (request: RequestView): string =>
  `${request.request}  ${sayPerson(request.person)} asks for ${printable(request.entitlement)}, ${sayDuration(request.duration_seconds)}`;

const activeLine = (grant: GrantView, nowMs: number): string =>
  `${grant.grant}  ${printable(grant.entitlement)}  ${printable(grant.target)}  ${lifeOf(grant, nowMs)}`;

function section(
  name: string,
  lines: readonly string[],
  none: string,
  next: string | null,
): readonly string[] {
  const [first = none, ...rest] = lines;
  const more = next === null ? [] : ['         …and more: countersign ls'];
  return [`${name.padEnd(9)}${first}`, ...rest.map((line) => `         ${line}`), ...more];
}
