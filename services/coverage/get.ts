import { z } from 'zod';
import { computeCoverage, coverageReport, toolCoverage } from '../../domain/coverage/coverage.ts';
import { givenId } from '../../domain/values/id.ts';
import type { Db } from '../../infra/db/index.ts';
import { useCase } from '../context/use-case.ts';
import { serverNotFound } from '../server/errors.ts';
import { loadCoverageFacts } from './facts.ts';

export const getCoverageOutput = coverageReport.extend({
  serverId: z.uuid(),
  serverName: z.string(),
  refreshedAt: z.iso.datetime().nullable().describe('When a run on the server last ended; null before the first.'),
  tools: z.array(
    toolCoverage.extend({
      title: z.string().nullable(),
      description: z.string().describe("The server's own description; untrusted."),
    }),
  ),
});
export type Coverage = z.infer<typeof getCoverageOutput>;

/**
 * Reports which tools of a server its workflows exercise. Computed from runs, tool policies and catalog as they are
 * now. Also works for an archived server.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const getCoverage = useCase({
  name: 'coverage.get',
  access: 'viewer',
  input: z.object({ serverId: givenId }),
  async run({ db, orgId }, { serverId }): Promise<Coverage> {
    const server = await db.server.findFirst({ where: { orgId, id: serverId }, select: { name: true } });
    if (!server) throw serverNotFound();
    const [factsById, tools] = await Promise.all([
      loadCoverageFacts(db, { orgId, serverIds: [serverId] }),
      db.catalogTool.findMany({
        where: { orgId, serverId, active: true },
        select: { name: true, title: true, description: true },
      }),
    ]);
    const coverage = factsById.get(serverId);
    if (!coverage) throw serverNotFound();
    const report = computeCoverage(coverage.facts);
    const toolByName = new Map(tools.map((tool) => [tool.name, tool]));
    return {
      ...report,
      serverId,
      serverName: server.name,
      refreshedAt: coverage.refreshedAt?.toISOString() ?? null,
      tools: report.tools.map((row) => {
        const { title, description } = toolByName.get(row.tool) ?? { title: null, description: '' };
        return { ...row, title, description };
      }),
    };
  },
});

/** Reads the figures of servers in a fixed number of queries. `percent` is null without tools. Not a use case. */
export async function loadCoverageFigures(
  db: Db,
  servers: { orgId: string; serverIds: readonly string[] },
): Promise<Map<string, { coveredCount: number; toolCount: number; percent: number | null }>> {
  const factsById = await loadCoverageFacts(db, servers);
  return new Map(
    [...factsById].map(([serverId, { facts }]) => {
      const { coveredCount, toolCount, percent } = computeCoverage(facts);
      return [serverId, { coveredCount, toolCount, percent }];
    }),
  );
}
