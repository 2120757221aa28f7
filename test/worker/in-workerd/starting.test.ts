import { expect, test } from 'vitest';
import { Failure } from '../../../src/domain/errors.ts';
import { systemClock } from '../../../src/platform/system-clock.ts';
import { readBindings, type WorkerEnvironment } from '../../../src/worker/bindings.ts';
import { type RunningBroker, startBroker } from '../../../src/worker/running-broker.ts';
import { assets, configText, handedOver } from './handed-over.ts';
import { newPlace } from './store-place.ts';

const DAY_MS = 86_400_000;

const begun = (clock = systemClock): Promise<WorkerEnvironment> =>
  newPlace().inside((state) => handedOver(state, clock));

/** What a start in a new object says, or what is known of one that came up. */
async function started(environment: WorkerEnvironment, place = newPlace(), clock = systemClock) {
  return place.inside(async ({ storage }) => {
    try {
      return await ready(await startBroker(storage, environment, clock));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { code, message, mend, mistakes } = error;
      return { code, message, mend, mistakes };
    }
  });
}

async function ready(broker: RunningBroker) {
  await broker.alarms.ring();
  const answer = await broker.answer(new Request('https://countersign.example.com/readyz'), null);
  return { status: answer.status };
}

const entriesIn = (place: ReturnType<typeof newPlace>): Promise<number> =>
  place.inside(({ storage }) => Number(storage.sql.exec('select count(*) as n from entries').one()['n']));

test('everything that is missing is named at once, with the command that brings it', () => {
  const nothing: WorkerEnvironment = { BROKER: { idFromName: () => undefined, get: () => assets } };
  expect(() => readBindings(nothing)).toThrow(
    'The Worker lacks COUNTERSIGN_CONFIG, COUNTERSIGN_LOG_KEY, COUNTERSIGN_GRANT_TOKEN_KEYS, ' +
      'COUNTERSIGN_SEALING_KEYS, COUNTERSIGN_PERSON_KEY, ASSETS, CHECKPOINTS.',
  );
});

test('what was begun elsewhere goes on in an empty object, under the keys that were handed over', async () => {
  const place = newPlace();
  expect(await started(await begun(), place)).toEqual({ status: 200 });
  // The first entry, and under which configuration the broker came up.
  expect(await entriesIn(place)).toBe(2);
});

test('a second start goes on with the log that is there, whatever genesis it is handed', async () => {
  const [place, first, other] = [newPlace(), await begun(), await begun()];
  await started(first, place);
  const again = { ...first, COUNTERSIGN_GENESIS: other['COUNTERSIGN_GENESIS'] };
  expect(await started(again, place)).toEqual({ status: 200 });
  expect(await entriesIn(place)).toBe(2);
});

test('a broker that was put to sleep holds its jobs when it wakes, and waits for nobody', async () => {
  const [place, ours] = [newPlace(), await begun()];
  const leases = () =>
    place.inside(({ storage }) => storage.sql.exec('select job, holder from jobs order by job').toArray());
  await started(ours, place);
  const held = await leases();
  expect(held).toContainEqual({ job: 'pass-time', holder: 'worker' });
  await started(ours, place);
  expect(await leases()).toEqual(held);
});

test('a start under another configuration is written down', async () => {
  const [place, first] = [newPlace(), await begun()];
  await started(first, place);
  const changed = JSON.stringify({ ...JSON.parse(configText), browser_idle_minutes: 30 });
  await started({ ...first, COUNTERSIGN_CONFIG: changed }, place);
  expect(await entriesIn(place)).toBe(3);
});

test('an empty object without a genesis begins nothing: a log that was there may be lost', async () => {
  const place = newPlace();
  const { COUNTERSIGN_GENESIS: _, ...without } = await begun();
  // The rest is what the spread leaves of an environment.
  expect(await started(without as WorkerEnvironment, place)).toMatchObject({
    code: 'not-found',
    mend: expect.stringContaining('find out before anything else'),
  });
});

test('a genesis whose codes have run out begins nothing in an emptied object', async () => {
  const old = { ...systemClock, nowMs: () => Date.now() - DAY_MS - 1_000 };
  const place = newPlace();
  expect(await started(await begun(old), place)).toMatchObject({
    message: 'The binding COUNTERSIGN_GENESIS is more than a day old, and there is no log here.',
  });
  expect(await entriesIn(place)).toBe(0);
});

test('a genesis of another key, or one that was edited, begins nothing', async () => {
  const [ours, theirs] = [await begun(), await begun()];
  const given = String(ours['COUNTERSIGN_GENESIS']);
  const foreign = { ...ours, COUNTERSIGN_GENESIS: theirs['COUNTERSIGN_GENESIS'] };
  const edited = { ...ours, COUNTERSIGN_GENESIS: given.replace('"root":"', '"root":"AAAA') };
  const broken = { ...ours, COUNTERSIGN_GENESIS: given.slice(0, -9) };
  const forged = {
    ...ours,
    COUNTERSIGN_GENESIS: withFirstEntry(given, '"publish_needs":2', '"publish_needs":1'),
  };
  for (const environment of [foreign, edited, broken, forged]) {
    const place = newPlace();
    expect(await started(environment, place)).toMatchObject({ code: 'malformed-input' });
    expect(await entriesIn(place)).toBe(0);
  }
});

function withFirstEntry(genesis: string, from: string, to: string): string {
  const read = JSON.parse(genesis);
  const entry = Buffer.from(read.entry, 'base64').toString();
  expect(entry).toContain(from);
  return JSON.stringify({ ...read, entry: Buffer.from(entry.replace(from, to)).toString('base64') });
}

test('mail and AWS without credentials are refused at start, not found out by whoever waits for them', async () => {
  const config = JSON.stringify({
    ...JSON.parse(configText),
    aws: {},
    notify: { email: { server: 'smtps://mail.example.com:465', from: 'countersign@example.com' } },
  });
  const told = await started({ ...(await begun()), COUNTERSIGN_CONFIG: config });
  expect(told).toMatchObject({
    mistakes: [
      { at: 'notify.email', message: expect.stringContaining('notify.webhook') },
      { at: 'aws', message: expect.stringContaining('AWS_ACCESS_KEY_ID') },
    ],
  });
});

test('a log that ends before a checkpoint that was kept elsewhere comes up read-only', async () => {
  const [place, ours] = [newPlace(), await begun()];
  await started(ours, place);
  const kept = await place.inside(({ storage }) =>
    Buffer.from(
      storage.sql.exec('select checkpoint from head').one()['checkpoint'] as ArrayBuffer,
    ).toString(),
  );
  const putBack = await started({
    ...ours,
    COUNTERSIGN_CHECKPOINT: kept,
    COUNTERSIGN_CHECKPOINT_KEEPER: 'empty',
  });
  expect(putBack).toEqual({ status: 503 });
});

test('an object that was set back comes up read-only: another one kept how far the log had come', async () => {
  const ours = await begun();
  expect(await started(ours)).toEqual({ status: 200 });
  // The same first entry in another object is what a log looks like that was set back to its beginning.
  expect(await started(ours)).toEqual({ status: 503 });
  // Somebody gives up what came after, knowingly.
  expect(await started({ ...ours, COUNTERSIGN_CHECKPOINT_KEEPER: 'another' })).toEqual({ status: 200 });
});
