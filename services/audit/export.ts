import { z } from 'zod';
import { toCsv } from '../../domain/values/csv.ts';
import type { Context } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import { type Download, writeArray } from '../run/export/download.ts';
import { type AuditView, auditFilters, listAudit } from './list.ts';

const pageSize = 200;
const columns = ['at', 'actorKind', 'actorId', 'actorName', 'action', 'subject', 'intent', 'data', 'id'] as const;

/** The audit log as a CSV or JSON file, newest first, whole. */
export const exportAudit = useCase({
  name: 'audit.export',
  access: 'admin',
  input: auditFilters.extend({ format: z.enum(['csv', 'json']).default('csv') }),
  async run({ ctx }, { format, ...filters }): Promise<Download> {
    const events = readAll(ctx, filters);
    return format === 'csv'
      ? { name: 'audit-log.csv', contentType: 'text/csv', chunks: writeLines(events) }
      : { name: 'audit-log.json', contentType: 'application/json', chunks: writeArray(events) };
  },
});

async function* readAll(ctx: Context, filters: z.output<typeof auditFilters>): AsyncGenerator<AuditView> {
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await listAudit(ctx, { ...filters, limit: pageSize, ...(cursor !== undefined && { cursor }) });
    yield* page.events;
    cursor = page.nextCursor;
  }
}

async function* writeLines(events: AsyncIterable<AuditView>): AsyncGenerator<string> {
  const head = toCsv(columns, []);
  yield head;
  for await (const event of events)
    yield toCsv(columns, [{ ...event, data: JSON.stringify(event.data) }]).slice(head.length);
}
