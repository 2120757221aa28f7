import type { SecretChange, SecretStore, StoredSecret } from '../../src/app/store.ts';

/** A SecretStore that forgets with the process; every step yields once, so that races can happen. */
export function memorySecrets(): SecretStore & { readonly rows: ReadonlyMap<string, StoredSecret> } {
  const rows = new Map<string, StoredSecret>();
  const keyOf = (kind: string, id: string): string => `${kind}\n${id}`;
  function write(changes: readonly SecretChange[]): void {
    for (const { value, ...rest } of changes) {
      if (value === null) rows.delete(keyOf(rest.kind, rest.id));
      else rows.set(keyOf(rest.kind, rest.id), { ...rest, value });
    }
  }
  return {
    rows,
    async get(kind, id) {
      await Promise.resolve();
      return rows.get(keyOf(kind, id));
    },
    async ofPerson(kind, person) {
      await Promise.resolve();
      return [...rows.values()].filter((row) => row.kind === kind && row.person === person);
    },
    async put(changes) {
      await Promise.resolve();
      write(changes);
    },
    async take(kind, id, changes = []) {
      await Promise.resolve();
      const found = rows.get(keyOf(kind, id));
      if (found === undefined) return undefined;
      rows.delete(keyOf(kind, id));
      write(changes);
      return found;
    },
    async deleteExpired(nowMs) {
      await Promise.resolve();
      const expired = [...rows].filter(([, row]) => row.expiresAtMs !== null && row.expiresAtMs <= nowMs);
      for (const [key] of expired) rows.delete(key);
      return expired.length;
    },
  };
}
