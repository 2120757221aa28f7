import { InvalidArgumentError } from 'commander';
import { parseDuration } from '../policy-file/duration.ts';

export interface AskedPermission {
  readonly action: string;
  readonly resource: string;
}

/** Part of a scope as it is typed; resource null: wherever the scope has that action. */
export interface NamedPermission {
  readonly action: string;
  readonly resource: string | null;
}

/** Seconds, for commander. */
export function durationOption(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError('Write it like 30m, 2h or 1h30m.');
  return seconds;
}

/** As `durationOption`, and 0 for not at all. */
export const timeoutOption = (text: string): number => (text === '0' ? 0 : durationOption(text));

/** A whole number from 0 on. */
export function countOption(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('Write a whole number, such as 20.');
  return Number(text);
}

/** For an option that may be given several times. */
export const severalOption = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  text,
];

/** For an option that may be given several times. An action holds no @; a resource may. */
export function permissionOption(
  text: string,
  before: readonly NamedPermission[] = [],
): readonly NamedPermission[] {
  const at = text.indexOf('@');
  if (text === '' || at === 0 || at === text.length - 1)
    throw new InvalidArgumentError('Write ACTION or ACTION@RESOURCE, as `show` lists them.');
  const named =
    at < 0 ? { action: text, resource: null } : { action: text.slice(0, at), resource: text.slice(at + 1) };
  return [...before, named];
}

/** For an option that may be given several times, each name once. A value may hold further equals signs. */
export function parameterOption(
  text: string,
  before: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('Write NAME=VALUE, for example batch=42.');
  const name = text.slice(0, at);
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: text.slice(at + 1) };
}

/** Of whatever tells an address that a phone may want. */
export const noPicture = ['--no-qr', 'no picture of the address'] as const;
