import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Assets } from '../../web/pages/frame.tsx';

interface Asset {
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly brotli: Uint8Array<ArrayBuffer>;
}

/** What pages name, and the bytes by path: read once, compressed once. */
export interface BuiltAssets extends Assets {
  find(path: string): Asset | undefined;
}

const manifestShape = z.record(z.string(), z.object({ file: z.string(), name: z.string().optional() }));

/** From this file to the installation's root: the sources' place, then the compiled program's. */
const roots = ['../../', '../../../'].map((up) => new URL(up, import.meta.url));

function rootWith(path: string): URL | undefined {
  return roots.map((root) => new URL(path, root)).find((url) => existsSync(url));
}

/** The stylesheet is a source file; the islands are there once `npm run build` has made them. */
export function readAssets(): BuiltAssets {
  const sheet = rootWith('web/styles/app.css');
  if (sheet === undefined) throw new Error('web/styles/app.css is missing from this installation');
  const found = new Map<string, Asset>();
  const style = addStyle(found, readFileSync(sheet, 'utf8'));
  const scripts = addIslands(found, rootWith('dist/islands/manifest.json'));
  return { style, script: (name) => scripts.get(name), find: (path) => found.get(path) };
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

/** The smallest form that the browser says it understands. */
export function encodedFor(
  asset: Asset,
  accepted: string,
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly encoding: string | undefined } {
  if (/\bbr\b/.test(accepted)) return { bytes: asset.brotli, encoding: 'br' };
  if (/\bgzip\b/.test(accepted)) return { bytes: asset.gzip, encoding: 'gzip' };
  return { bytes: asset.plain, encoding: undefined };
}
