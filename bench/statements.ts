import pg from 'pg';
import { z } from 'zod';

export type Statement = { query: string; calls: number; seconds: number };

export type Statements = {
  reset(): Promise<void>;
  /** Statements since the reset, the most frequent first. Seconds are execution time on the server. */
  read(): Promise<{ statements: Statement[]; transactions: number }>;
  close(): Promise<void>;
};

const row = z.object({ query: z.string(), calls: z.coerce.number(), ms: z.number() });

/** Makes Postgres load pg_stat_statements at its next start. @param url of a superuser */
export async function requestStatements(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('CREATE EXTENSION IF NOT EXISTS pg_stat_statements');
  await client.query("ALTER SYSTEM SET shared_preload_libraries = 'pg_stat_statements'");
  await client.end();
}

/** @param url of a superuser. Restart the server after `requestStatements` first. */
export async function openStatements(url: string): Promise<Statements> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const transactions = async () => {
    const { rows } = await client.query(
      'SELECT xact_commit + xact_rollback AS n FROM pg_stat_database WHERE datname = current_database()',
    );
    return z.object({ n: z.coerce.number() }).parse(rows[0]).n;
  };
  let from = await transactions();
  return {
    async reset() {
      await client.query('SELECT pg_stat_statements_reset()');
      from = await transactions();
    },
    async read() {
      const { rows } = await client.query(
        `SELECT query, calls, total_exec_time AS ms FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid
         WHERE d.datname = current_database() AND query NOT LIKE '%pg_stat_%' ORDER BY calls DESC`,
      );
      const statements = rows.map((values) => {
        const { query, calls, ms } = row.parse(values);
        return { query, calls, seconds: ms / 1000 };
      });
      return { statements, transactions: (await transactions()) - from };
    },
    close: () => client.end(),
  };
}
