/**
 * A bounded map that lets go of what was not asked for longest: for what can be made again, never for a
 * deny list.
 */
export function leastRecentlyUsed<Value>(most: number): {
  get(key: string): Value | undefined;
  set(key: string, value: Value): void;
  deleteWhere(matches: (value: Value) => boolean): void;
} {
  // A Map iterates in the order of insertion: deleting and setting again moves an entry to the young end.
  const entries = new Map<string, Value>();
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size <= most) return;
      for (const oldest of entries.keys()) {
        entries.delete(oldest);
        return;
      }
    },
    deleteWhere(matches) {
      for (const [key, value] of entries) if (matches(value)) entries.delete(key);
    },
  };
}
