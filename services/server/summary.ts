import { z } from 'zod';
import type { ListedServer } from './list.ts';

const probeError = z.looseObject({ kind: z.string(), message: z.string(), remediation: z.string() });

/** What an agent chooses a server by. */
const serverSummary = z.object({
  id: z.uuid(),
  name: z.string(),
  transport: z.string(),
  url: z.string().describe('Without query values.'),
  status: z.string().describe('unknown, reachable or unreachable'),
  protocolVersion: z.string().nullable(),
  serverName: z.string().nullable(),
  serverVersion: z.string().nullable(),
  hasResources: z.boolean(),
  latencyMs: z.number().nullable(),
  probedAt: z.iso.datetime().nullable(),
  probeError: probeError.nullable().describe('Why the last probe failed; null after a successful one.'),
  syncedAt: z.iso.datetime().nullable(),
  nextSyncAt: z.iso.datetime().nullable().describe('When the next sync is possible; null: now.'),
  createdAt: z.iso.datetime(),
  archivedAt: z.iso.datetime().nullable(),
  toolCount: z.int(),
  workflowCount: z.int(),
});

export const serverSummaries = z.object({
  servers: z.array(serverSummary),
  nextCursor: z.string().nullable().describe('Pass it as cursor for the next page; null at the end.'),
});

/** Only the fields of the summary; `probeError` is a failure of infra/mcp-target as it was stored. */
export const toServerSummary = (server: ListedServer): z.infer<typeof serverSummary> => serverSummary.parse(server);
