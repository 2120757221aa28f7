import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Asset, BuiltAssets, Sheet } from './assets.ts';

const manifestShape = z.record(z.string(), z.object({ file: z.string(), name: z.string().optional() }));

/** From this file to the installation's root: the sources' place, then the compiled program's. */
const roots = ['../../', '../../../'].map((up) => new URL(up, import.meta.url));

function rootWith(path: string): URL | undefined {
  return roots.map((root) => new URL(path, root)).find((url) => existsSync(url));
}

/** All of it at once, for whoever puts it somewhere else. */
export interface AssetFiles extends BuiltAssets {
  readonly files: ReadonlyMap<string, Asset>;
  readonly scripts: ReadonlyMap<string, string>;
}

/** The stylesheet is a source file; the islands are there once `npm run build` has made them. */
export function readAssets(): AssetFiles {
  const found = new Map<string, Asset>();
  const style = addStyle(found, readFileSync(existing('web/styles/app.css'), 'utf8'));
  const scripts = addIslands(found, rootWith('dist/islands/manifest.json'));
  return {
    style,
    files: found,
    scripts,
    script: (name) => scripts.get(name),
    find: (path) => found.get(path),
    sheets: { docs: sheetIn('web/styles/docs.css'), log: sheetIn('web/styles/log.css') },
  };
}

function addStyle(found: Map<string, Asset>, text: string): string {
  const bytes = Buffer.from(text.replace(/\/\*.*?\*\//gs, '').replace(/\s+/g, ' '));
  const path = `/assets/app.${createHash('sha256').update(bytes).digest('base64url').slice(0, 12)}.css`;
  found.set(path, assetOf('text/css; charset=utf-8', bytes));
  return path;
}

/** By name: where each entry file is. */
function addIslands(found: Map<string, Asset>, manifest: URL | undefined): ReadonlyMap<string, string> {
  const scripts = new Map<string, string>();
  if (manifest === undefined) return scripts;
  const listed = manifestShape.parse(JSON.parse(readFileSync(manifest, 'utf8')));
  const folder = new URL('./', manifest);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.js'))) {
    found.set(
      `/assets/${file}`,
      assetOf('text/javascript; charset=utf-8', readFileSync(new URL(file, folder))),
    );
  }
  for (const { file, name } of Object.values(listed)) {
    if (name !== undefined) scripts.set(name, `/assets/${file}`);
  }
  return scripts;
}

function assetOf(type: string, bytes: Buffer): Asset {
  const copy = (from: Buffer) => new Uint8Array(from);
  return {
    type,
    plain: copy(bytes),
    gzip: copy(gzipSync(bytes, { level: 9 })),
    brotli: copy(brotliCompressSync(bytes)),
  };
}

function sheetIn(path: string): Sheet {
  const text = readFileSync(existing(path), 'utf8');
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"` };
}

function existing(path: string): URL {
  const found = rootWith(path);
  if (found === undefined) throw new Error(`${path} is missing from this installation`);
  return found;
}
