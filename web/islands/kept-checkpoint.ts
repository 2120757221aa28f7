/** What an auditor keeps in this browser from one verification to the next. */
export interface Kept {
  /** The signed note, as it was. */
  readonly checkpoint: string;
  /** C2SP verifier key by which it was believed. */
  readonly logKey: string;
  /** ISO 8601. */
  readonly at: string;
}

const NAME = 'countersign.log';

/** null: nothing is kept, or what is there is not ours. */
export function readKept(): Kept | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(NAME) ?? 'null');
    return isKept(kept) ? kept : null;
  } catch {
    return null;
  }
}

export const keep = (kept: Kept): void => localStorage.setItem(NAME, JSON.stringify(kept));

export const forget = (): void => localStorage.removeItem(NAME);

/** As the checkpoint's second line says it. */
export const sizeOf = ({ checkpoint }: Kept): number => Number(checkpoint.split('\n')[1]);

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false;
  return ['checkpoint', 'logKey', 'at'].every((field) => typeof Reflect.get(value, field) === 'string');
}
