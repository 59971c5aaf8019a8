type Row = { [member: string]: unknown };

/** The memory of a test's authorization server, which a test may look into. */
export type ProviderStore = {
  adapter: new (model: string) => object;
  rows: Map<string, Row>;
  /** How many refresh tokens are valid and unused. */
  countUsable(): number;
  /** Ends everything that was granted. */
  revokeAll(): void;
};

const grantOf = (row: Row): unknown => row.grantId;

/** @param leewayMs how long a used refresh token passes for unused */
export function createStore(leewayMs: number): ProviderStore {
  const rows = new Map<string, Row>();
  const byField = (model: string, field: string, value: string): Row | undefined =>
    [...rows].find(([key, row]) => key.startsWith(`${model}:`) && row[field] === value)?.[1];

  const shown = (row: Row | undefined): Row | undefined => {
    if (row === undefined || typeof row.consumed !== 'number') return row;
    const { consumed, ...unused } = row;
    return Date.now() - consumed < leewayMs ? unused : { ...row, consumed: Math.floor(consumed / 1000) };
  };

  class Adapter {
    readonly #model: string;
    constructor(model: string) {
      this.#model = model;
    }
    #key(id: string): string {
      return `${this.#model}:${id}`;
    }
    async upsert(id: string, payload: Row): Promise<void> {
      rows.set(this.#key(id), { ...payload });
    }
    async find(id: string): Promise<Row | undefined> {
      return shown(rows.get(this.#key(id)));
    }
    async findByUid(uid: string): Promise<Row | undefined> {
      return shown(byField(this.#model, 'uid', uid));
    }
    async findByUserCode(userCode: string): Promise<Row | undefined> {
      return byField(this.#model, 'userCode', userCode);
    }
    async consume(id: string): Promise<void> {
      const row = rows.get(this.#key(id));
      if (row) row.consumed ??= Date.now();
    }
    async destroy(id: string): Promise<void> {
      rows.delete(this.#key(id));
    }
    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, row] of rows) if (grantOf(row) === grantId) rows.delete(key);
    }
  }

  return {
    adapter: Adapter,
    rows,
    countUsable: () =>
      [...rows].filter(([key, row]) => key.startsWith('RefreshToken:') && row.consumed === undefined).length,
    revokeAll() {
      for (const key of rows.keys()) if (!key.startsWith('Client:')) rows.delete(key);
    },
  };
}
