import type { CompleteResult } from '@modelcontextprotocol/server';
import type { Context } from '../../services/context/context.ts';
import { listProposals } from '../../services/proposal/list.ts';
import { searchRuns } from '../../services/run/reading/search.ts';
import { listServers } from '../../services/server/reading/list.ts';
import { listWorkflows } from '../../services/workflow/reading/list.ts';
import { findResourceNoun, type ResourceNoun } from './resources.ts';

type Reference = { type: 'ref/resource'; uri: string } | { type: 'ref/prompt'; name: string };

const maxIds = 100;

/** Ids of recent objects that start with the typed text; none for arguments that can't be completed. */
export async function complete(
  ctx: Context,
  { ref, argument }: { ref: Reference; argument: { name: string; value: string } },
): Promise<CompleteResult> {
  const noun = findNoun(ref, argument.name);
  const recent = noun === null ? [] : await recentIds[noun](ctx);
  const values = recent.filter((id) => id.startsWith(argument.value.toLowerCase()));
  return { completion: { values, total: values.length, hasMore: false } };
}

function findNoun(ref: Reference, argument: string): ResourceNoun | null {
  if (ref.type === 'ref/resource') return argument === 'id' ? findResourceNoun(ref.uri) : null;
  if (ref.name === 'repair_failing_workflow') return argument === 'runId' ? 'run' : null;
  return ref.name === 'design_workflow_suite' && argument === 'serverId' ? 'server' : null;
}

const recentIds: { [noun in ResourceNoun]: (ctx: Context) => Promise<string[]> } = {
  run: async (ctx) => (await searchRuns(ctx, { limit: maxIds })).runs.map(({ id }) => id),
  workflow: async (ctx) => (await listWorkflows(ctx, { limit: maxIds })).workflows.map(({ id }) => id),
  server: async (ctx) => (await listServers(ctx, { limit: maxIds })).servers.map(({ id }) => id),
  proposal: async (ctx) => (await listProposals(ctx, { limit: maxIds })).proposals.map(({ proposalId }) => proposalId),
};
