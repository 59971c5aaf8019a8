import { getBounds, toMonth } from '../../domain/budget/month.ts';
import { toCsv } from '../../domain/values/csv.ts';
import { countChecksByServer, listUsage } from '../../infra/db/queries/usage.ts';
import { useCase } from '../context/use-case.ts';
import { usageInput } from './schema.ts';

/** Names of the columns. */
const columns = [
  'month',
  'kind',
  'workflow',
  'workflow_id',
  'model',
  'server',
  'server_id',
  'runs',
  'tester_tokens',
  'judge_tokens',
  'cost_usd',
  'unpriced_runs',
  'checks',
] as const;
type Line = { [column in (typeof columns)[number]]?: string | number };

/** The use of a month as CSV: one line for each workflow, model and server, and one for the checks of each server. */
export const exportUsage = useCase({
  name: 'usage.export',
  access: 'owner',
  input: usageInput,
  async run({ db, orgId, now }, input): Promise<{ name: string; csv: string }> {
    const month = input.month ?? toMonth(now());
    const [used, checked] = await Promise.all([
      listUsage(db, { orgId, month }),
      countChecksByServer(db, { orgId, ...getBounds(month) }),
    ]);
    const servers = await db.server.findMany({ where: { orgId }, select: { id: true, name: true } });
    const names = new Map(servers.map(({ id, name }) => [id, name]));
    const lines: Line[] = [
      ...used.map((row) => ({
        month,
        kind: 'runs',
        workflow: row.workflowName,
        workflow_id: row.workflowId,
        model: row.model,
        server: row.serverName,
        server_id: row.serverId,
        runs: row.runs,
        tester_tokens: row.testerTokens,
        judge_tokens: row.judgeTokens,
        cost_usd: row.cost,
        unpriced_runs: row.unpricedRuns,
      })),
      ...checked.map(({ serverId, checks }) => ({
        month,
        kind: 'checks',
        server: names.get(serverId) ?? '',
        server_id: serverId,
        checks,
      })),
    ];
    return { name: `usage-${month}.csv`, csv: toCsv<Line>(columns, lines) };
  },
});
