import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from '../../prisma/generated/client.ts';
import { isoTime } from './iso-time.ts';
import { createReads } from './reads.ts';

/** The main database. */
export type Db = PrismaClient & {
  /**
   * Rows of one prepared statement, straight from the driver: for reads that have to be cheap. It is parsed and planned once per
   * connection, for all values of its parameters, and doesn't pass through Prisma's engine, which costs several times as much CPU as
   * such a statement itself. JSON and `numeric` arrive as values, a `bigint` as text, times as `Date.toISOString` writes them. Ask for
   * columns: JSON that Postgres builds costs it more than all the rest of such a statement. Texts have to come from code, not from
   * input: each one stays prepared.
   */
  read<Row extends object>(statement: Prisma.Sql): Promise<Row[]>;
  /** Ends all connections; queries under way are finished first. */
  close(): Promise<void>;
};

/** The same within a transaction. */
export type Tx = Prisma.TransactionClient;

/**
 * @param url as the role of the processes, which doesn't own the tables.
 * @param max connections at most, and half as many again for `read`. @default 10
 */
export function createDb({ url, max = 10 }: { url: string; max?: number }): Db {
  // Prisma takes every time for one of UTC, whatever the zone that it is written in.
  const config = { connectionString: url, application_name: 'armature', options: '-c TimeZone=UTC' };
  const pool = new pg.Pool({ ...config, max });
  const reads = createReads({
    ...config,
    options: `${config.options} -c plan_cache_mode=force_generic_plan`,
    max: Math.ceil(max / 2),
  });
  // A connection that ends while nobody uses it is no failure: the pool has dropped it and opens another when one is needed.
  pool.on('error', () => {});
  const client = new PrismaClient({ adapter: new PrismaPg(pool) });
  const names = new Map<string, string>();
  return Object.assign(client, {
    read<Row extends object>({ text, values }: Prisma.Sql): Promise<Row[]> {
      let name = names.get(text);
      if (name === undefined) {
        name = `armature_${names.size}`;
        names.set(text, name);
      }
      return reads.rows<Row>({ name, text, values, types });
    },
    async close() {
      await Promise.all([client.$disconnect(), reads.close()]);
      await pool.end();
    },
  });
}

const { TIMESTAMPTZ, NUMERIC } = pg.types.builtins;
const types: pg.CustomTypesConfig = {
  getTypeParser: (id, format) =>
    id === TIMESTAMPTZ ? isoTime : id === NUMERIC ? Number : pg.types.getTypeParser(id, format),
};
