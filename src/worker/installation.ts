import { z } from 'zod';
import type { Installation } from '../compose.ts';
import { Failure } from '../domain/errors.ts';
import type { BuiltAssets } from '../http/assets.ts';
import { assetReference } from './aws-reference.ts';
import type { Fetcher } from './bindings.ts';

/** Beside the code, among the assets; `npm run build:worker` writes it. */
export const INSTALLATION_PATH = '/installation.json';

const sheet = z.strictObject({ text: z.string(), etag: z.string() });
const shape = z.strictObject({
  program: z.string(),
  style: z.string(),
  scripts: z.record(z.string(), z.string()),
  sheets: z.strictObject({ docs: sheet, log: sheet }),
});
export type WorkerInstallation = z.infer<typeof shape>;

/** @throws Failure `not-found` when the assets were not built, or are of another version */
export async function fetchInstallation(assets: Fetcher): Promise<Installation> {
  const answer = await assets.fetch(`https://assets${INSTALLATION_PATH}`);
  const read = answer.ok ? shape.safeParse(await answer.json().catch(() => undefined)) : undefined;
  if (read?.success !== true) {
    throw new Failure('not-found', 'The Worker was deployed without its assets.', {
      mend: 'Deploy both together: `npm run build:worker && npx wrangler deploy`.',
    });
  }
  const built = builtAssets(read.data);
  return { program: read.data.program, readAssets: () => built, awsReference: assetReference(assets) };
}

/** The platform serves them itself, before a request gets here. */
const builtAssets = ({ style, scripts, sheets }: WorkerInstallation): BuiltAssets => ({
  style,
  script: (name) => (Object.hasOwn(scripts, name) ? scripts[name] : undefined),
  find: () => undefined,
  sheets,
});
