import type { Adapter, StoredModel } from 'oidc-provider';

interface Row {
  readonly payload: StoredModel;
  readonly expiresAtMs: number;
}

/** Where one demo provider keeps its sessions, codes and tokens: in memory, gone when it stops. */
export function memoryAdapters(): (model: string) => Adapter {
  const rows = new Map<string, Row>();
  return (model) => adapterFor(model, rows);
}

function adapterFor(model: string, rows: Map<string, Row>): Adapter {
  const keyOf = (id: string): string => `${model} ${id}`;
  const find = (matches: (row: Row, key: string) => boolean): StoredModel | undefined => {
    for (const [key, row] of rows) if (matches(row, key) && row.expiresAtMs > Date.now()) return row.payload;
    return undefined;
  };
  return {
    async upsert(id, payload, expiresInSeconds) {
      rows.set(keyOf(id), { payload, expiresAtMs: Date.now() + expiresInSeconds * 1000 });
    },
    async find(id) {
      const row = rows.get(keyOf(id));
      return row !== undefined && row.expiresAtMs > Date.now() ? row.payload : undefined;
    },
    async findByUid(uid) {
      return find((row, key) => key.startsWith(`${model} `) && row.payload['uid'] === uid);
    },
    // Only the device flow has user codes, and it is off.
    async findByUserCode() {
      return undefined;
    },
    async consume(id) {
      const row = rows.get(keyOf(id));
      if (row === undefined) return;
      rows.set(keyOf(id), { ...row, payload: { ...row.payload, consumed: Math.floor(Date.now() / 1000) } });
    },
    async destroy(id) {
      rows.delete(keyOf(id));
    },
    async revokeByGrantId(grantId) {
      for (const [key, row] of rows) if (row.payload['grantId'] === grantId) rows.delete(key);
    },
  };
}
