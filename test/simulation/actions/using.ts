import { endGrant } from '../../../src/app/grant/end-grant.ts';
import { type OpenedSession, openSession } from '../../../src/app/grant/open-session.ts';
import { revokeGrant } from '../../../src/app/grant/revoke-grant.ts';
import { recogniseWorkload } from '../../../src/app/person/recognise.ts';
import { submitRequest } from '../../../src/app/request/submit-request.ts';
import type { GrantId } from '../../../src/domain/ids.ts';
import { pipeline } from '../company.ts';
import type { Dice } from '../dice.ts';
import { startTask, type World } from '../world.ts';
import { type Action, call, codeOf, freshKey, nameOf, someBroker, someRow } from './action.ts';

/** Opens a session; what was really handed over is remembered, with how long the log was then. */
export function open(world: World, dice: Dice, who: string, grant: GrantId, what = `opens ${grant}`): void {
  const person = world.who(who);
  const idempotency = freshKey(world, person, 'open');
  const once = (with_: Dice) =>
    call(
      world,
      with_,
      who,
      what,
      async (broker, actor) => {
        // Often what was shown for the request still serves, or what this laptop showed for the grant before.
        const totp = with_.chance(70) ? codeOf(world, with_, person) : undefined;
        const opened = await openSession(broker, actor, grant, { totp, idempotency });
        keep(world, idempotency.key, opened);
        return opened;
      },
      'act',
    );
  world.repeatable.push({ who, again: once });
  once(dice);
}

function keep(world: World, key: string, { session, grant, credentials }: OpenedSession): void {
  const use = world.keys.get(key);
  use?.answers.add(session);
  if (use === undefined || credentials === null) return;
  use.secrets += 1;
  const token = credentials.kind === 'token' ? credentials.token : credentials.access_key_id;
  const size = world.database.head?.size ?? 0;
  world.deliveries.push({ person: use.person, grant, session, token, size, atMs: world.time.nowMs });
}

const usable = (row: Readonly<Record<string, unknown>>) => row['open'] === 1;

/** The pipeline asks, waits, opens: all by its own token. */
function runPipeline(world: World, dice: Dice): void {
  const waiting = someRow(world, dice, 'grants', (row) => row['person'] === pipeline && usable(row));
  const task = { who: 'the pipeline', what: waiting === undefined ? 'asks' : `opens ${waiting.key}` };
  const route = waiting === undefined ? 'submit' : 'open';
  const key = `key-${++world.counted.keys}`;
  world.keys.set(key, { person: pipeline, route, answers: new Set(), secrets: 0 });
  const idempotency = { key, digest: `sha256:body of ${key}` };
  startTask(world, someBroker(world, dice), task, async (broker) => {
    const actor = await recogniseWorkload(broker, { token: 'repo:acme/payments', address: null });
    if (waiting !== undefined) {
      const given = { totp: undefined, idempotency };
      const opened = await openSession(broker, actor, waiting.key as GrantId, given);
      keep(world, key, opened);
      return opened;
    }
    const asked = {
      entitlement: 'deploys',
      people: null,
      targets: null,
      parameters: {},
      seconds: 900,
      startMs: null,
      extends: null,
      scope: null,
      ticket: null,
      justification: 'release 7',
      breakGlass: false,
    };
    return submitRequest(broker, actor, asked, { totp: undefined, idempotency });
  });
}

export const using: readonly Action[] = [
  {
    name: 'open',
    weight: 18,
    perform(world, dice) {
      const found = someRow(world, dice, 'grants', dice.chance(90) ? usable : () => true);
      const who = nameOf(world, found?.row['person']);
      if (found !== undefined && who !== undefined) open(world, dice, who, found.key as GrantId);
    },
  },
  {
    name: 'open twice at one moment',
    weight: 2,
    perform(world, dice) {
      const found = someRow(world, dice, 'grants', usable);
      const who = nameOf(world, found?.row['person']);
      if (found === undefined || who === undefined) return;
      open(world, dice, who, found.key as GrantId);
      open(world, dice, who, found.key as GrantId);
    },
  },
  { name: 'run the pipeline', weight: 3, perform: runPipeline },
  {
    name: 'end',
    weight: 3,
    perform(world, dice) {
      const found = someRow(world, dice, 'grants', usable);
      const who = nameOf(world, found?.row['person']);
      if (found === undefined || who === undefined) return;
      call(world, dice, who, `ends ${found.key}`, (broker, actor) =>
        endGrant(broker, actor, found.key as GrantId),
      );
    },
  },
  {
    name: 'revoke',
    weight: 4,
    perform(world, dice) {
      const found = someRow(world, dice, 'grants', usable);
      if (found === undefined) return;
      const who = dice.pick(['lea', 'tomas', 'ann', 'sid', 'maya']);
      call(world, dice, who, `revokes ${found.key}`, (broker, actor) =>
        revokeGrant(broker, actor, found.key as GrantId, 'it looks odd'),
      );
    },
  },
];
