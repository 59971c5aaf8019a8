import { z } from 'zod';
import { computeCoverage, coverageReport, toolCoverage } from '../../domain/coverage/coverage.ts';
import type { Db } from '../../infra/db/index.ts';
import { useCase } from '../context/use-case.ts';
import { serverNotFound } from '../server/errors.ts';
import { loadCoverageFacts } from './facts.ts';

export const getCoverageOutput = coverageReport.extend({
  serverId: z.uuid(),
  serverName: z.string(),
  refreshedAt: z.iso.datetime().nullable().describe('When a run of the server last ended; null before the first.'),
  tools: z.array(
    toolCoverage.extend({ title: z.string().nullable(), description: z.string().describe("The server's own words.") }),
  ),
});
export type Coverage = z.infer<typeof getCoverageOutput>;

/**
 * Which tools of a server its workflows exercise, and which none does; also of a deleted server. Always of now: runs, policies and
 * catalog as they are when it is read.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const getCoverage = useCase({
  name: 'coverage.get',
  access: 'viewer',
  input: z.object({ serverId: z.uuid() }),
  async run({ db, orgId }, { serverId }): Promise<Coverage> {
    const server = await db.server.findFirst({ where: { orgId, id: serverId }, select: { name: true } });
    if (!server) throw serverNotFound();
    const [found, words] = await Promise.all([
      loadCoverageFacts(db, { orgId, serverIds: [serverId] }),
      db.catalogTool.findMany({
        where: { orgId, serverId, active: true },
        select: { name: true, title: true, description: true },
      }),
    ]);
    const of = found.get(serverId);
    if (!of) throw serverNotFound();
    const report = computeCoverage(of.facts);
    const wordsOf = new Map(words.map((tool) => [tool.name, tool]));
    return {
      ...report,
      serverId,
      serverName: server.name,
      refreshedAt: of.refreshedAt?.toISOString() ?? null,
      tools: report.tools.map((each) => {
        const { title, description } = wordsOf.get(each.tool) ?? { title: null, description: '' };
        return { ...each, title, description };
      }),
    };
  },
});

/** Figures of several servers by a fixed number of queries, for overviews. `percent`: null without tools. Not a use case. */
export async function loadCoverageFigures(
  db: Db,
  of: { orgId: string; serverIds: readonly string[] },
): Promise<Map<string, { coveredCount: number; toolCount: number; percent: number | null }>> {
  const found = await loadCoverageFacts(db, of);
  return new Map(
    [...found].map(([serverId, { facts }]) => {
      const { coveredCount, toolCount, percent } = computeCoverage(facts);
      return [serverId, { coveredCount, toolCount, percent }];
    }),
  );
}
