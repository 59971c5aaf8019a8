import { z } from 'zod';
import { compactAlertRule } from '../../domain/code/alert-rule.ts';
import { compactMonitor } from '../../domain/code/monitor.ts';
import { type SentFile, sentFile } from '../../domain/code/schema.ts';
import { toSlug } from '../../domain/code/slug.ts';
import { compactWorkflow } from '../../domain/code/workflow.ts';
import type { MaintenanceWindowModel } from '../../prisma/generated/models.ts';
import { useCase } from '../context/use-case.ts';
import { loadAllRedactors } from './compute.ts';
import { loadWorkspace, type NamedServer, type WorkspaceState } from './state.ts';

export const exportOutput = z.object({
  files: z.array(z.object({ path: z.string().describe('A name for a new file.'), file: sentFile })),
});

/**
 * The workspace as files: one for each server, and one for alert rules and the maintenance of all servers. Secrets are
 * masked. States, mutes, and rules whose target or destination is gone aren't in them.
 */
export const exportCode = useCase({
  name: 'code.export',
  access: 'viewer',
  input: z.object({}),
  async run({ db, secrets, orgId, now }): Promise<z.infer<typeof exportOutput>> {
    const redactorOf = await loadAllRedactors({ db, secrets }, orgId);
    return { files: toFiles(await loadWorkspace(db, { orgId, redactorOf, now: now() })) };
  },
});

function toFiles(state: WorkspaceState): { path: string; file: SentFile }[] {
  const taken = new Set(['workspace']);
  const files = state.servers.flatMap((server) => {
    const file = toServerFile(server, state);
    if (!file) return [];
    const slug = toSlug(server.name, { isTaken: (candidate) => taken.has(candidate), fallback: 'server' });
    taken.add(slug);
    return [{ path: `${slug}.yaml`, file }];
  });
  const rules = state.rules.map(({ full }) => compactAlertRule(full));
  const maintenance = state.windows.filter(({ serverId }) => serverId === null).map(toMaintenance);
  if (rules.length + maintenance.length === 0) return files;
  const shared: SentFile = {
    version: 1,
    ...(rules.length > 0 && { alertRules: rules }),
    ...(maintenance.length > 0 && { maintenance }),
  };
  return [...files, { path: 'workspace.yaml', file: shared }];
}

/** Null for a server with nothing to say of. */
function toServerFile({ id, name, url, transport }: NamedServer, state: WorkspaceState): SentFile | null {
  const workflows = state.workflows.filter(({ row }) => row.serverId === id).map(({ full }) => compactWorkflow(full));
  const monitors = state.monitors.filter(({ row }) => row.serverId === id).map(({ full }) => compactMonitor(full));
  const maintenance = state.windows.filter(({ serverId }) => serverId === id).map(toMaintenance);
  if (workflows.length + monitors.length + maintenance.length === 0) return null;
  return {
    version: 1,
    server: { name, url, transport: transport === 'sse' ? 'sse' : 'streamable_http' },
    ...(workflows.length > 0 && { workflows }),
    ...(monitors.length > 0 && { monitors }),
    ...(maintenance.length > 0 && { maintenance }),
  };
}

const toMaintenance = ({ startsAt, endsAt, reason }: MaintenanceWindowModel) => ({
  startsAt: startsAt.toISOString(),
  endsAt: endsAt.toISOString(),
  ...(reason !== '' && { reason }),
});
