import { expect } from 'vitest';
import { Failure } from '../../src/domain/errors.ts';

/** `act` is refused by the rule a provider refuses with, says how to mend it, and its message matches. */
export function expectUnfit(act: () => unknown, message = /./): void {
  try {
    act();
  } catch (error) {
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({
      code: 'refused-by-rule',
      rule: 'session-fits-the-provider',
      mend: expect.any(String),
    });
    expect(error instanceof Failure && error.message).toMatch(message);
    return;
  }
  expect.unreachable('nothing was refused');
}
