export interface ExpiringMap<Value> {
  get(key: string): Value | undefined;
  /** `expiresAtMs` Infinity: kept until it is set anew. */
  set(key: string, value: Value, expiresAtMs: number): void;
  delete(key: string): void;
}

/**
 * A map that forgets what has expired by the log's own time. It is swept when it has doubled since the last sweep, so
 * it holds at most twice what is alive, at a constant cost for each entry.
 */
export function expiringMap<Value>(nowMs: () => number): ExpiringMap<Value> {
  const kept = new Map<string, { value: Value; expiresAtMs: number }>();
  let sweepAt = 1024;
  const sweep = () => {
    const now = nowMs();
    for (const [key, { expiresAtMs }] of kept) if (expiresAtMs < now) kept.delete(key);
    sweepAt = Math.max(1024, 2 * kept.size);
  };
  return {
    get: (key) => kept.get(key)?.value,
    set(key, value, expiresAtMs) {
      const held = kept.get(key);
      if (held !== undefined) {
        held.value = value;
        held.expiresAtMs = expiresAtMs;
        return;
      }
      if (kept.size >= sweepAt) sweep();
      kept.set(key, { value, expiresAtMs });
    },
    delete: (key) => void kept.delete(key),
  };
}
