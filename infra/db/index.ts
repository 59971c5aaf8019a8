import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { type Prisma, PrismaClient } from '../../prisma/generated/client.ts';

/** The main database. */
export type Db = PrismaClient & {
  /** Ends all connections after their running queries. */
  close(): Promise<void>;
};

/** The main database within a transaction. */
export type Tx = Prisma.TransactionClient;

/** How long a transaction waits for one of the connections. */
const maxTurnMs = 15_000;

/**
 * @param url with the role of the processes, which doesn't own the tables
 * @param max connections. @default 10
 */
export function createDb({ url, max = 10 }: { url: string; max?: number }): Db {
  // Prisma reads every time as UTC, whatever its zone.
  const pool = new pg.Pool({
    connectionString: url,
    // One stays open, so that a restore sees the processes that it would pull the database from under.
    min: 1,
    max,
    application_name: 'armature',
    // Compiling a plan takes longer than any of our queries.
    options: '-c TimeZone=UTC -c jit=off',
  });
  // The pool replaces idle connections that end; the next query reports what is wrong.
  pool.on('error', () => {});
  // So does the next query of a transaction. Until that has its own listener, an error would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  const client = new PrismaClient({
    adapter: new PrismaPg(pool, { statementNameGenerator: createStatementNames() }),
    // A burst of requests waits for its turn. Prisma's default of two seconds turns it into errors.
    transactionOptions: { maxWait: maxTurnMs },
  });
  return Object.assign(client, {
    async close() {
      await client.$disconnect();
      await pool.end();
    },
  });
}

/** Texts vary with limits and lists of ids. Each connection of Postgres keeps what it has prepared. */
const maxPrepared = 500;

/** Names statements so that a connection parses and plans each text once. The empty name prepares nothing. */
function createStatementNames(): (query: { sql: string }) => string {
  const names = new Map<string, string>();
  return ({ sql }) => {
    const known = names.get(sql);
    if (known !== undefined || names.size >= maxPrepared) return known ?? '';
    const name = `armature_${names.size}`;
    names.set(sql, name);
    return name;
  };
}
