import type { z } from 'zod';
import { toCsv } from '../../domain/values/csv.ts';
import type { Context } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import type { Download } from '../run/export/download.ts';
import { listSecurityEvents, securityEventFilters } from './list.ts';

const pageSize = 200;
const columns = [
  'at',
  'kind',
  'outcome',
  'subject',
  'name',
  'address',
  'userAgent',
  'detail',
  'requestId',
  'id',
] as const;

/** The security events as a CSV file, newest first, all of them. */
export const exportSecurityEvents = useCase({
  name: 'security_event.export',
  access: 'admin',
  input: securityEventFilters,
  run: async ({ ctx }, filters): Promise<Download> => ({
    name: 'security-events.csv',
    contentType: 'text/csv',
    chunks: writeLines(ctx, filters),
  }),
});

async function* writeLines(ctx: Context, filters: z.output<typeof securityEventFilters>): AsyncGenerator<string> {
  const head = toCsv(columns, []);
  yield head;
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listSecurityEvents(ctx, {
      ...filters,
      limit: pageSize,
      ...(cursor !== undefined && { cursor }),
    });
    yield toCsv(columns, page.events).slice(head.length);
    cursor = page.nextCursor;
  }
}
