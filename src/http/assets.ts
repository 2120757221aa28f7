import type { Assets } from '../../web/pages/frame.tsx';

export interface Asset {
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
  readonly brotli: Uint8Array<ArrayBuffer>;
}

/** What pages name, and the bytes by path. */
export interface BuiltAssets extends Assets {
  /** undefined: there is no such thing here; something in front of the broker may serve it. */
  find(path: string): Asset | undefined;
  readonly sheets: { readonly docs: Sheet; readonly log: Sheet };
}

/** A stylesheet of few pages, under a name that stays. */
export interface Sheet {
  readonly text: string;
  readonly etag: string;
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
