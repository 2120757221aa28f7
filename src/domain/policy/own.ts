/**
 * The entry of that very name, or undefined. Names come from files and from callers: a plain index would find
 * `constructor` and `__proto__` in every record.
 */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}
