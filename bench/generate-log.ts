import { buildLog, type Person, type Request } from '../test/audit/build-log.ts';
import { logDatabase, type StoredLog } from '../test/audit/log-database.ts';
import type { Written } from '../test/audit/write-log.ts';

/**
 * Writes a log of `size` entries: one access after the other, each asked for against a ticket, reviewed with a code,
 * opened, and run out half an hour later. Every digest, root and step is real, so the audit has nothing to object to.
 * The database must not exist yet; removing it is the caller's.
 */
export async function generateLog(path: string, size: number): Promise<StoredLog> {
  const database = logDatabase(path);
  let count = 0;
  const story = buildLog((written: Written) => {
    if (count++ < size) database.put(written);
  });
  tellLives(story, () => count < size);
  return database.finish(story.origin, story.attachments);
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
    while ((running[0]?.grants[0]?.endsAtMs ?? Number.POSITIVE_INFINITY) <= story.writer.clock.nowMs) {
      const [ended] = running.splice(0, 1);
      if (ended !== undefined) story.expireGrant(ended);
    }
  }
}
