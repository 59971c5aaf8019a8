import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from '../../prisma/generated/client.ts';
import { isoTime } from './iso-time.ts';
import { createReads } from './reads.ts';

/** The main database. */
export type Db = PrismaClient & {
  /**
   * Rows of one prepared statement, without Prisma's engine, which costs several times as much CPU as such a statement:
   * for reads that have to be cheap. It is parsed and planned once per connection, so its text must not contain input.
   * JSON and `numeric` arrive as values, a `bigint` as text, times as in `Date.toISOString`.
   */
  read<Row extends object>(statement: Prisma.Sql): Promise<Row[]>;
  /** Ends all connections after their running queries. */
  close(): Promise<void>;
};

/** The main database within a transaction. */
export type Tx = Prisma.TransactionClient;

/**
 * @param url with the role of the processes, which doesn't own the tables
 * @param max connections, plus half as many for `read`. @default 10
 */
export function createDb({ url, max = 10 }: { url: string; max?: number }): Db {
  // Prisma reads every time as UTC, whatever its zone.
  const config = { connectionString: url, application_name: 'armature', options: '-c TimeZone=UTC' };
  const pool = new pg.Pool({ ...config, max });
  const reads = createReads({
    ...config,
    options: `${config.options} -c plan_cache_mode=force_generic_plan`,
    max: Math.ceil(max / 2),
  });
  // The pool replaces idle connections that end; the next query reports what is wrong.
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
