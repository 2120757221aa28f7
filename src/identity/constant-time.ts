import { timingSafeEqual } from 'node:crypto';

/** Compares two texts without telling by its duration where they differ; their lengths are no secret. */
export function equalInConstantTime(left: string, right: string): boolean {
  const a = Buffer.from(left, 'utf8');
  const b = Buffer.from(right, 'utf8');
  return a.length === b.length && timingSafeEqual(a, b);
}
