import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readIfThere, stateDirectory, writePrivate } from '../private-files.ts';
import type { Surroundings } from '../surroundings.ts';

const signInFile = z.strictObject({
  server: z.string(),
  person: z.string(),
  access_token: z.string(),
  access_expires_at_ms: z.number(),
  refresh_token: z.string(),
  /** The key the tokens are bound to; it never leaves this machine. */
  key: z.looseObject({ kty: z.string(), crv: z.string(), x: z.string(), y: z.string(), d: z.string() }),
});
export type SignInFile = z.infer<typeof signInFile>;

export const signInPath = (surroundings: Surroundings): string =>
  join(stateDirectory(surroundings), 'sign-in.json');

/** undefined: nobody is signed in here, or what is there cannot be read and is as good as nothing. */
export async function readSignIn(surroundings: Surroundings): Promise<SignInFile | undefined> {
  const text = await readIfThere(signInPath(surroundings));
  if (text === undefined) return undefined;
  try {
    const parsed = signInFile.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

export const writeSignIn = (surroundings: Surroundings, signIn: SignInFile): Promise<void> =>
  writePrivate(signInPath(surroundings), `${JSON.stringify(signIn, null, 2)}\n`);

export const removeSignIn = (surroundings: Surroundings): Promise<void> =>
  rm(signInPath(surroundings), { force: true });
