import Database from 'better-sqlite3';
import { buildLog, type Person, type Request } from '../test/audit/build-log.ts';
import type { Written } from '../test/audit/write-log.ts';

/** What `generateLog` put into the database beside the entries. */
export interface GeneratedLog {
  readonly path: string;
  readonly origin: string;
  readonly size: number;
}

const ENTRIES_A_TRANSACTION = 10_000;

/**
 * Writes a log of `size` entries: one access after the other, each asked for against a ticket, reviewed with a code,
 * opened, and run out half an hour later. Every digest, root and step is real, so the audit has nothing to object to.
 * The database must not exist yet; removing it is the caller's.
 */
export function generateLog(path: string, size: number): GeneratedLog {
  const origin = 'log.example/countersign';
  const database = new Database(path);
  database.pragma('journal_mode = OFF');
  database.pragma('synchronous = OFF');
  database.exec(`create table entries (seq integer primary key, stream text, version integer, bytes blob);
    create table tiles (level integer, n integer, hashes blob);
    create table attachments (digest text primary key, bytes blob);`);
  const insert = database.prepare('insert into entries values (?, ?, ?, ?)');
  let count = 0;
  const story = buildLog(({ entry, bytes }: Written) => {
    if (count >= size) return;
    if (count % ENTRIES_A_TRANSACTION === 0) database.exec(count === 0 ? 'begin' : 'commit; begin');
    insert.run(entry.seq, entry.stream, entry.streamVersion, bytes);
    count++;
  });
  tellLives(story, () => count < size);
  database.exec('commit');
  const attach = database.prepare('insert into attachments values (?, ?)');
  for (const [digest, bytes] of story.attachments) attach.run(digest, bytes);
  database.close();
  return { path, origin, size };
}

function tellLives(story: ReturnType<typeof buildLog>, goOn: () => boolean): void {
  story.begin();
  const newcomers = (name: string, groups: readonly string[]): Person[] =>
    Array.from({ length: 40 }, (_, at) => {
      const who = story.person(
        `${name}${'abcdefgh'.charAt(at % 8)}${'abcdefgh'.charAt(Math.floor(at / 8))}`,
        groups,
      );
      story.enrol(who, {
        means: 'enrolment-code',
        code: story.vouch(story.people.ann, who),
        voucher: story.people.ann.id,
      });
      return who;
    });
  const requesters = newcomers('eng', ['engineers']);
  const reviewers = newcomers('lead', ['leads']);
  const running: Request[] = [];
  for (let life = 0; goOn(); life++) {
    const [requester, reviewer] = [requesters[life % 40], reviewers[(life * 7) % 40]];
    if (requester === undefined || reviewer === undefined) throw new RangeError('nobody is there');
    const request = story.submit(requester, 'operator');
    story.review(reviewer, request);
    story.opened(request, story.open(request));
    running.push(request);
    story.wait(4_000);
    while ((running[0]?.grantEndsAtMs ?? Number.POSITIVE_INFINITY) <= story.writer.clock.nowMs) {
      const [ended] = running.splice(0, 1);
      if (ended !== undefined) story.expireGrant(ended);
    }
  }
}
