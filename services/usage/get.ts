import { addMonths, forecastFactor, getBounds, toMonth } from '../../domain/budget/month.ts';
import { type Amount, countChecksByServer, sumUsage, sumUsageByMonth } from '../../infra/db/queries/usage.ts';
import { useCase } from '../context/use-case.ts';
import { type Usage, usageInput } from './schema.ts';

const shownMonths = 12;
/** Of each list. */
const maxListed = 100;
const nothing: Amount = { runs: 0, testerTokens: 0, judgeTokens: 0, cost: 0, unpricedRuns: 0 };

/** What the workspace used in a month (UTC): tokens, cost, runs and checks, by workflow, model and server. */
export const getUsage = useCase({
  name: 'usage.get',
  access: 'owner',
  input: usageInput,
  async run({ db, orgId, now }, input): Promise<Usage> {
    const at = now();
    const month = input.month ?? toMonth(at);
    const to = toMonth(at);
    const from = addMonths(to, 1 - shownMonths);
    const [sums, checks, used] = await Promise.all([
      sumUsage(db, { orgId, month }),
      countChecksByServer(db, { orgId, ...getBounds(month) }),
      sumUsageByMonth(db, { orgId, from, to }),
    ]);
    const by = <K extends 'workflowId' | 'model' | 'serverId'>(key: K) =>
      sums.flatMap((row) => (row[key] === null ? [] : [{ key: row[key], ...toAmount(row) }])).sort(byCost);
    const workflows = by('workflowId').slice(0, maxListed);
    const ofServers = new Map(by('serverId').map(({ key, ...amount }) => [key, amount]));
    const checked = new Map(checks.map(({ serverId, checks }) => [serverId, checks]));
    const serverIds = [...new Set([...ofServers.keys(), ...checked.keys()])].slice(0, maxListed);
    const [workflowNames, serverNames] = await Promise.all([
      db.workflow.findMany({
        where: { orgId, id: { in: workflows.map(({ key }) => key) } },
        select: { id: true, name: true },
      }),
      db.server.findMany({ where: { orgId, id: { in: serverIds } }, select: { id: true, name: true } }),
    ]);
    const nameOf = (rows: readonly { id: string; name: string }[], id: string) =>
      rows.find((row) => row.id === id)?.name ?? '';
    const total = sums.find(({ workflowId, model, serverId }) => (workflowId ?? model ?? serverId) === null) ?? nothing;
    const factor = forecastFactor(month, at);
    const months = new Map(used.map((row) => [row.month, toAmount(row)]));
    return {
      month,
      total: { ...toAmount(total), checks: checks.reduce((sum, row) => sum + row.checks, 0) },
      workflows: workflows.map(({ key, ...amount }) => ({
        workflowId: key,
        name: nameOf(workflowNames, key),
        ...amount,
      })),
      models: by('model')
        .slice(0, maxListed)
        .map(({ key, ...amount }) => ({ model: key, ...amount })),
      servers: serverIds.map((serverId) => ({
        serverId,
        name: nameOf(serverNames, serverId),
        ...(ofServers.get(serverId) ?? nothing),
        checks: checked.get(serverId) ?? 0,
      })),
      months: Array.from({ length: shownMonths }, (_, index) => addMonths(from, index)).map((month) => ({
        month,
        ...(months.get(month) ?? nothing),
      })),
      forecast:
        factor === null
          ? null
          : {
              runs: Math.round(total.runs * factor),
              tokens: Math.round((total.testerTokens + total.judgeTokens) * factor),
              cost: total.cost * factor,
            },
    };
  },
});

const toAmount = ({ runs, testerTokens, judgeTokens, cost, unpricedRuns }: Amount): Amount => ({
  runs,
  testerTokens,
  judgeTokens,
  cost,
  unpricedRuns,
});

const byCost = (a: Amount, b: Amount): number =>
  b.cost - a.cost || b.testerTokens + b.judgeTokens - a.testerTokens - a.judgeTokens || b.runs - a.runs;
