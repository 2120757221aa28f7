import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../policy-file/duration.ts';

export interface AskedPermission {
  readonly action: string;
  readonly resource: string;
}

/** Seconds, for commander. */
export function durationOption(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError('Write it like 30m, 2h or 1h30m.');
  return seconds;
}

/** As `durationOption`, and 0 for not at all. */
export const timeoutOption = (text: string): number => (text === '0' ? 0 : durationOption(text));

/** For an option that may be given several times. An action holds no @; a resource may. */
export function permissionOption(
  text: string,
  before: readonly AskedPermission[] = [],
): readonly AskedPermission[] {
  const at = text.indexOf('@');
  if (at < 1 || at === text.length - 1)
    throw new InvalidArgumentError('Write ACTION@RESOURCE, as `show` lists them.');
  return [...before, { action: text.slice(0, at), resource: text.slice(at + 1) }];
}
