import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Broker } from '../../../src/app/broker.ts';
import { revokeGrant } from '../../../src/app/grant/revoke-grant.ts';
import { type LeasedJob, leasedJob } from '../../../src/app/jobs/leased-job.ts';
import { timedJobs } from '../../../src/app/jobs/timed-jobs.ts';
import type { Delivery, Message, Notifier } from '../../../src/app/notifier.ts';
import type { Store } from '../../../src/app/store.ts';
import type { Policy } from '../../../src/domain/policy/policy.ts';
import { openPostgresStore } from '../../../src/storage/postgres/postgres-store.ts';
import { asAdministrator, startTestPostgres, type TestPostgres } from '../../../tools/test-postgres.ts';
import { ordersPolicy } from '../../orders-policy.ts';
import { openStore, temporaryDatabase } from '../temporary-database.ts';
import { START_MS } from '../ticket-log.ts';
import { approve, ask, grantOf, incident, open, ticket } from '../use-cases/steps.ts';
import { storyGroups } from '../use-cases/story-world.ts';
import { brokerBeside, type World, worldUnder } from '../use-cases/world.ts';

const ASKED_AGAIN_MS = 5_000;

const policy: Policy = {
  ...ordersPolicy,
  notify: { zone_owners: ['webhook'], reviewers: ['webhook'], requesters: [], administrators: ['webhook'] },
  tickets: Object.fromEntries(
    Object.entries(ordersPolicy.tickets).map(([name, rule]) => [
      name,
      { ...rule, closing: 'ends-grants' as const },
    ]),
  ),
};

interface Place {
  open(): Promise<Store>;
  /** As if every lease's time were over: by the database's clock, which no test turns. */
  endLeases(): Promise<void>;
}

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await startTestPostgres();
});
afterAll(() => postgres?.stop());

function filePlace(): Place {
  const path = temporaryDatabase();
  return {
    open: async () => openStore(path),
    async endLeases() {
      const client = new Database(path);
      client.exec('update jobs set until_ms = 0');
      client.close();
    },
  };
}

async function postgresPlace(): Promise<Place> {
  const url = await postgres.createDatabase();
  return {
    open: () => openPostgresStore(url, { nowMs: START_MS }),
    async endLeases() {
      await asAdministrator(url, (client) => client.query('update jobs set until_ms = 0'));
    },
  };
}

/** What somebody waits at until a test opens it. */
class Gate {
  readonly #reached = Promise.withResolvers<void>();
  readonly #opened = Promise.withResolvers<void>();
  /** Resolves when somebody has come to it. */
  readonly reached = this.#reached.promise;
  readonly open = this.#opened.resolve;

  async pass(): Promise<void> {
    this.#reached.resolve();
    await this.#opened.promise;
  }
}

describe.each([
  ['a SQLite file', async () => filePlace()],
  ['PostgreSQL', postgresPlace],
] as const)('two brokers on %s', (_name, makePlace) => {
  let world: World;
  let place: Place;
  let first: Broker;
  let second: Broker;
  let sent: Message[];

  beforeEach(async () => {
    place = await makePlace();
    world = await worldUnder(policy, storyGroups, ['ann', 'bob'], await place.open());
    first = world.broker;
    second = await brokerBeside(world, 'the-second', await place.open());
    sent = [];
  });

  afterEach(async () => {
    const { faults } = await world.audit();
    await second.sequencer.stop();
    await second.store.close();
    await world.close();
    expect(faults).toEqual([]);
  });

  const receives = (answer: () => Promise<void> = async () => undefined): Notifier => ({
    channel: 'webhook',
    async send(message): Promise<Delivery> {
      sent.push(message);
      await answer();
      return { kind: 'delivered' };
    },
  });

  function jobOf(broker: Broker, name: string, notifier = receives()): LeasedJob {
    const news = { notifiers: new Map([['webhook' as const, notifier]]), personalText: false };
    const job = timedJobs(broker, news).find((one) => one.name === name);
    if (job === undefined) throw new Error(`there is no job ${name}`);
    return leasedJob(broker, job);
  }

  const entriesOf = async (type: string) =>
    (await world.entries()).filter((one) => one.type === `countersign.${type}.v1`);

  /** The first is held in the middle of its round while its lease ends and the second does all of it; then it goes on. */
  async function holdUp(held: LeasedJob, gate: Gate, other: LeasedJob): Promise<void> {
    const step = held.step();
    await gate.reached;
    expect(await other.step()).toBe(ASKED_AGAIN_MS);
    await place.endLeases();
    expect(await other.step()).toBeGreaterThan(0);
    gate.open();
    await step;
    // By the time that it knows of.
    world.clock.advance(120_000);
    expect(await held.step()).toBe(ASKED_AGAIN_MS);
  }

  test('what time has done is written once, though the first was paused before it wrote', async () => {
    await incident(world, 'INC-1', 'ann', 'maya');
    await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
    world.clock.advance(policy.waiting.review_seconds * 1000);
    const gate = new Gate();
    const { sequencer } = first;
    const paused: Broker = {
      ...first,
      sequencer: {
        ...sequencer,
        async submit(command) {
          await gate.pass();
          return sequencer.submit(command);
        },
      },
    };
    await holdUp(jobOf(paused, 'pass-time'), gate, jobOf(second, 'pass-time'));
    expect(await entriesOf('request.expired')).toHaveLength(1);
  });

  test('a revocation is confirmed once, though the first was paused at the provider', async () => {
    const grant = await grantOf(world, (await ask(world, 'maya', { entitlement: 'look' })).request);
    await open(world, 'maya', grant, { totp: world.code('maya') });
    await revokeGrant({ ...first, providers: new Map() }, world.who('lea').actor, grant, 'stop');
    const gate = new Gate();
    const [kind, provider] = [...first.providers][0] ?? [];
    if (kind === undefined || provider === undefined) throw new Error('no provider');
    const slow: typeof provider = {
      ...provider,
      async revoke(...given) {
        await gate.pass();
        return provider.revoke(...given);
      },
    };
    const paused: Broker = { ...first, providers: new Map([[kind, slow]]) };
    await holdUp(jobOf(paused, 'resume-revocations'), gate, jobOf(second, 'resume-revocations'));
    expect(await entriesOf('grant.revoke-confirmed')).toHaveLength(1);
  });

  test('a closed ticket ends its grants once, though the first was paused at its source', async () => {
    await incident(world, 'INC-1', 'ann', 'maya');
    const { request } = await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-1' });
    await approve(world, 'lea', request);
    world.tickets.down = true;
    await ticket(world, 'ann', 'INC-1', { state: 'closed' }, false);
    world.tickets.down = false;
    const gate = new Gate();
    const [name, source] = [...first.ticketSources][0] ?? [];
    if (name === undefined || source === undefined) throw new Error('no source');
    const slow: typeof source = {
      ...source,
      async check(...asked) {
        const told = await source.check(...asked);
        await gate.pass();
        return told;
      },
    };
    const paused: Broker = { ...first, ticketSources: new Map([[name, slow]]) };
    await holdUp(jobOf(paused, 'sweep-grants'), gate, jobOf(second, 'sweep-grants'));
    expect(await entriesOf('grant.cut-off')).toHaveLength(1);
  });

  test('a sweep that was paused longer than its lease looks at no further grant', async () => {
    await incident(world, 'INC-1', 'ann', 'maya', 'omar');
    const grants = [];
    for (const name of ['maya', 'omar']) {
      const { request } = await ask(world, name, { entitlement: 'operator', ticket: 'INC-1' });
      grants.push(await approve(world, 'lea', request));
    }
    const [name, source] = [...first.ticketSources][0] ?? [];
    if (name === undefined || source === undefined) throw new Error('no source');
    const asked: string[] = [];
    const pausing: typeof source = {
      ...source,
      check(ticketName, person, ...more) {
        asked.push(person);
        world.clock.advance(75_000);
        return source.check(ticketName, person, ...more);
      },
    };
    await jobOf({ ...first, ticketSources: new Map([[name, pausing]]) }, 'sweep-grants').step();
    expect(asked).toHaveLength(1);
  });

  describe('news', () => {
    const ids = () => sent.map(({ id }) => id);
    /** Deliveries go on beside the steps. */
    const untilWritten = (count: number) =>
      expect.poll(async () => (await entriesOf('notification.sent')).length).toBe(count);

    test('are told once by brokers that take turns at asking, also when the holder changes', async () => {
      const [one, other] = [jobOf(first, 'tell-news'), jobOf(second, 'tell-news')];
      await Promise.all([one.step(), other.step()]);
      await untilWritten(1);
      for (const name of ['INC-1', 'INC-2', 'INC-3']) {
        await incident(world, name, 'ann', 'maya');
        await ask(world, 'maya', { entitlement: 'operator', ticket: name });
        await Promise.all([one.step(), other.step()]);
        world.clock.advance(1_000);
      }
      await untilWritten(4);
      await one.stop();
      await other.step();
      await incident(world, 'INC-4', 'ann', 'maya');
      await ask(world, 'maya', { entitlement: 'operator', ticket: 'INC-4' });
      await other.step();
      await untilWritten(5);
      await other.stop();
      expect(ids()).toHaveLength(5);
      expect(new Set(ids()).size).toBe(5);
    });

    test('of a teller that died are told by the next, once its lease is over', async () => {
      // It has sent nothing yet, and is never heard of again.
      const gate = new Gate();
      const inForceIfAny = () => gate.pass().then(() => undefined);
      const dead = jobOf({ ...first, policies: { ...first.policies, inForceIfAny } }, 'tell-news');
      void dead.step();
      await gate.reached;
      const next = jobOf(second, 'tell-news');
      expect(await next.step()).toBe(ASKED_AGAIN_MS);
      expect(sent).toEqual([]);
      await place.endLeases();
      await next.step();
      await untilWritten(1);
      await next.stop();
      expect(sent.map(({ occasion }) => occasion)).toEqual(['policy-published']);
    });

    test('are not told by one who was paused just before sending, once another has told them', async () => {
      const gate = new Gate();
      const { sequencer } = first;
      let reads = 0;
      const paused: Broker = {
        ...first,
        sequencer: {
          ...sequencer,
          async read(streams) {
            const view = await sequencer.read(streams);
            // The look at whether it is still news.
            if (streams.some((stream) => stream.startsWith('notifications/')) && ++reads === 2)
              await gate.pass();
            return view;
          },
        },
      };
      const [held, other] = [jobOf(paused, 'tell-news'), jobOf(second, 'tell-news')];
      await held.step();
      await gate.reached;
      await place.endLeases();
      await other.step();
      await untilWritten(1);
      world.clock.advance(120_000);
      gate.open();
      await held.step();
      await other.stop();
      await held.stop();
      expect(ids()).toHaveLength(1);
      expect(await entriesOf('notification.sent')).toHaveLength(1);
    });

    test('that one was paused in the very sending of are told again under the same id, and written once', async () => {
      const gate = new Gate();
      const held = jobOf(
        first,
        'tell-news',
        receives(() => gate.pass()),
      );
      const other = jobOf(second, 'tell-news');
      await held.step();
      await gate.reached;
      await place.endLeases();
      await other.step();
      await untilWritten(1);
      world.clock.advance(120_000);
      gate.open();
      await held.step();
      await other.stop();
      await held.stop();
      expect(ids()).toHaveLength(2);
      expect(new Set(ids()).size).toBe(1);
      expect(await entriesOf('notification.sent')).toHaveLength(1);
    });
  });
});
