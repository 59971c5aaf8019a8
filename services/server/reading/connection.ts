import { z } from 'zod';
import { givenId } from '../../../domain/values/id.ts';
import type { AuthProfileModel, ServerProbeModel } from '../../../prisma/generated/models.ts';
import { useCase } from '../../context/use-case.ts';
import { serverNotFound } from '../errors.ts';
import { findSecretProblems } from '../secret/problems.ts';
import { type ProfileView, type ServerView, toFailureView, toProfileView, toServerView } from '../view.ts';

const maxProbes = 25;

export type ServerConnection = {
  server: ServerView;
  /** Without those that were deleted; `secretProblem`: why the credential can't be read. */
  authProfiles: (ProfileView & { secretProblem: string | null })[];
  /** Probes and syncs, newest first; `error`: what the failure said. */
  probes: {
    id: string;
    at: string;
    kind: string;
    ok: boolean;
    latencyMs: number;
    toolCount: number | null;
    error: string | null;
  }[];
};

/**
 * How a server is connected: its address, auth profiles and latest probes, without any secret.
 * @throws ArmatureError `mcp_server_not_found`
 */
export const getServerConnection = useCase({
  name: 'server.connection',
  access: 'viewer',
  input: z.object({ serverId: givenId }),
  async run({ db, orgId, secrets }, { serverId }): Promise<ServerConnection> {
    const where = { orgId, serverId };
    const [server, profiles, probes] = await Promise.all([
      db.server.findFirst({ where: { orgId, id: serverId } }),
      db.authProfile.findMany({
        where: { ...where, archivedAt: null },
        orderBy: [{ isDefault: 'desc' }, { createdAt: 'asc' }],
      }),
      db.serverProbe.findMany({ where, orderBy: [{ at: 'desc' }, { id: 'desc' }], take: maxProbes }),
    ]);
    if (!server) throw serverNotFound();
    const problemOf = await findSecretProblems(secrets, server, profiles);
    return {
      server: toServerView(server),
      authProfiles: profiles.map((row: AuthProfileModel) => ({
        ...toProfileView(row),
        secretProblem: problemOf(row),
      })),
      probes: probes.map(toProbe),
    };
  },
});

const toProbe = ({ id, at, kind, ok, latencyMs, toolCount, error }: ServerProbeModel) => ({
  id,
  at: at.toISOString(),
  kind,
  ok,
  latencyMs,
  toolCount,
  error: toFailureView(error)?.message ?? null,
});
