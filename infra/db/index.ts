import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from '../../prisma/generated/client.ts';

/** The main database. */
export type Db = PrismaClient & {
  /** Ends all connections; queries under way are finished first. */
  close(): Promise<void>;
};

/** The same within a transaction. */
export type Tx = Prisma.TransactionClient;

/**
 * @param url as the role of the processes, which doesn't own the tables.
 * @param max connections at most. @default 10
 */
export function createDb({ url, max = 10 }: { url: string; max?: number }): Db {
  const adapter = new PrismaPg({ connectionString: url, max, application_name: 'armature' });
  const client = new PrismaClient({ adapter });
  return Object.assign(client, { close: () => client.$disconnect() });
}
