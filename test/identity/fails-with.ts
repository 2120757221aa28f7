import { expect } from 'vitest';
import type { ErrorCode } from '../../src/domain/errors.ts';
import { Failure } from '../../src/domain/errors.ts';

/** Expects a Failure of this code, and gives it back for a closer look. */
export async function failsWith(code: ErrorCode, work: () => unknown): Promise<Failure> {
  try {
    await work();
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    if (error instanceof Failure) {
      expect(error.code, error.message).toBe(code);
      return error;
    }
  }
  return expect.fail(`nothing failed with ${code}`);
}
