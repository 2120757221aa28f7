import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import type { GrantView } from '../answers.ts';
import { readIfThere, stateDirectory, withLock, writePrivate } from '../private-files.ts';
import type { Surroundings } from '../surroundings.ts';

const credentials = z.strictObject({
  Version: z.literal(1),
  AccessKeyId: z.string(),
  SecretAccessKey: z.string(),
  SessionToken: z.string(),
  Expiration: z.iso.datetime(),
});
/** What a `credential_process` answers. */
export type ProcessCredentials = z.infer<typeof credentials>;

const kept = z.record(z.string(), credentials);
type Kept = z.infer<typeof kept>;

/** As long before the end SDKs begin to ask for something that lasts longer. */
const EARLY_MS = 900_000;

/**
 * The answer given before, while it lasts; else a new one. In a grant's last minutes SDKs ask at every single call for
 * what lasts longer: without this each would be a session of its own. It lies beside the sign-in, which could open the
 * same session again, in memory where the machine has a place for that; one program at a time looks and opens.
 */
export async function keptAnswer(
  surroundings: Surroundings,
  grant: Pick<GrantView, 'grant' | 'ends_at'>,
  open: () => Promise<ProcessCredentials>,
): Promise<ProcessCredentials> {
  const path = pathOf(surroundings);
  return withLock(path, async () => {
    const lasting = await readLasting(path, surroundings.nowMs());
    const before = lasting[grant.grant];
    if (before !== undefined && isGoodEnough(before, grant, surroundings.nowMs())) return before;
    const answer = await open();
    await writePrivate(path, JSON.stringify({ ...lasting, [grant.grant]: answer }));
    return answer;
  });
}

/** Its holder is done with it. */
export async function forgetAnswer(surroundings: Surroundings, grant: string): Promise<void> {
  const path = pathOf(surroundings);
  await withLock(path, async () => {
    const { [grant]: ended, ...others } = await readLasting(path, surroundings.nowMs());
    if (ended !== undefined) await writePrivate(path, JSON.stringify(others));
  });
}

function pathOf(surroundings: Surroundings): string {
  const place = surroundings.environment['XDG_RUNTIME_DIR'];
  const directory =
    place !== undefined && isAbsolute(place) ? join(place, 'countersign') : stateDirectory(surroundings);
  return join(directory, 'credentials.json');
}

/** Nothing would last longer, or it lasts longer than anybody asks for. */
function isGoodEnough(
  { Expiration }: ProcessCredentials,
  { ends_at }: Pick<GrantView, 'ends_at'>,
  nowMs: number,
) {
  const expiresAtMs = Date.parse(Expiration);
  return expiresAtMs > nowMs + EARLY_MS || (ends_at !== null && expiresAtMs + 1_000 >= Date.parse(ends_at));
}

/** What is over is dropped, and a file that somebody has broken is as good as none. */
async function readLasting(path: string, nowMs: number): Promise<Kept> {
  const text = await readIfThere(path);
  const parsed = kept.safeParse(text === undefined ? {} : jsonOf(text));
  if (!parsed.success) return {};
  return Object.fromEntries(
    Object.entries(parsed.data).filter(([, { Expiration }]) => Date.parse(Expiration) > nowMs),
  );
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
