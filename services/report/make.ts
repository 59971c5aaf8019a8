import pLimit from 'p-limit';
import type { z } from 'zod';
import { isTargetError } from '../../agent/ports.ts';
import { rules } from '../../domain/report/catalogue.ts';
import type { Survey } from '../../domain/report/evidence.ts';
import { listClients } from '../../domain/report/quality/schemas.ts';
import { runRules } from '../../domain/report/rule.ts';
import { dayMs } from '../../domain/values/time.ts';
import type { Endpoint } from '../../infra/mcp-target/index.ts';
import { type attempt as attemptInput, withHeartbeat } from '../context/attempt.ts';
import type { Deps } from '../context/context.ts';
import { startDeliveries } from '../delivery/start.ts';
import { loadEndpoint } from '../server/endpoint.ts';
import { catalogReport } from '../server/view.ts';
import { loadEvidence } from './evidence.ts';
import { storeReport } from './store.ts';

type Of = { orgId: string; serverId: string };

/** A survey holds answers of many megabytes where a server wants that. */
const surveys = pLimit(4);

/**
 * Makes the report that the latest sync of a server left due, from the tools that it stored and a survey. Once it is
 * stored, it is not due any more. Not a use case: only its workflow calls it.
 * @returns whether a sync asked for another report meanwhile
 */
export async function makeDueReport(
  deps: Deps,
  { orgId, serverId, attempt }: Of & { attempt: z.infer<typeof attemptInput> },
): Promise<{ isDue: boolean }> {
  const where = { orgId, id: serverId, archivedAt: null, reportDueAt: { not: null } };
  await withHeartbeat(attempt, deps.config.heartbeatSeconds, () =>
    surveys(async () => {
      const server = await deps.db.server.findFirst({
        where,
        select: { url: true, reportDueAt: true, catalogReport: true, tools: { where: { active: true } } },
      });
      if (server?.reportDueAt) await makeReport(deps, { orgId, serverId, server, at: server.reportDueAt, attempt });
    }),
  );
  return { isDue: (await deps.db.server.count({ where })) > 0 };
}

async function makeReport(
  deps: Deps,
  of: Of & { server: StoredServer; at: Date; attempt: { signal: AbortSignal } },
): Promise<void> {
  const { orgId, serverId, server, at, attempt } = of;
  const { endpoint } = await loadEndpoint(deps, { orgId, serverId });
  const { survey, withoutSurvey } = await askServer(deps, { orgId, serverId, endpoint, signal: attempt.signal });
  const evidence = await loadEvidence(deps.db, {
    orgId,
    serverId,
    endpoint,
    url: server.url,
    tools: server.tools,
    catalog: catalogReport.parse(server.catalogReport),
    survey,
    withoutSurvey,
    at,
  });
  const results = runRules(rules, evidence);
  const clients = listClients(server.tools);
  await startDeliveries(deps, await storeReport(deps, { orgId, serverId, results, clients, at }));
}

type StoredServer = { url: string; catalogReport: unknown; tools: Parameters<typeof loadEvidence>[1]['tools'] };

async function askServer(
  deps: Deps,
  { orgId, serverId, endpoint, signal }: Of & { endpoint: Endpoint; signal: AbortSignal },
): Promise<{ survey: Survey | null; withoutSurvey: string }> {
  if (endpoint.transport === 'sse')
    return { survey: null, withoutSurvey: 'HTTP with SSE, the older transport, is not looked at.' };
  try {
    const mayTryTokens = () => claimTokens(deps, { orgId, serverId });
    return { survey: await deps.targets.survey(endpoint, { signal, mayTryTokens }), withoutSurvey: '' };
  } catch (error) {
    if (!isTargetError(error)) throw error;
    return { survey: null, withoutSurvey: error.message };
  }
}

/** Made-up tokens fill a server's logs. One statement decides, so that nobody sends them twice a day. */
async function claimTokens({ db, now }: Deps, { orgId, serverId }: Of): Promise<boolean> {
  const at = now();
  const { count } = await db.server.updateMany({
    where: {
      orgId,
      id: serverId,
      OR: [{ tokensTriedAt: null }, { tokensTriedAt: { lte: new Date(at.getTime() - dayMs) } }],
    },
    data: { tokensTriedAt: at },
  });
  return count === 1;
}
