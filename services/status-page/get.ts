import { z } from 'zod';
import { useCase } from '../context/use-case.ts';
import { type DisplayNames, displayNames } from './display-names.ts';

export type StatusPageSettings = {
  slug: string;
  enabled: boolean;
  title: string;
  description: string;
  /** Servers that are shown. */
  serverIds: string[];
  /** What they are called there, by id, where that is not their name. */
  displayNames: DisplayNames;
  /** Servers that can be chosen. */
  servers: { id: string; name: string; monitorCount: number }[];
};

/** The settings of the workspace's public page, or their defaults before they are first saved. */
export const getStatusPage = useCase({
  name: 'status_page.get',
  access: 'viewer',
  input: z.object({}),
  async run({ db, orgId }): Promise<StatusPageSettings> {
    const [organization, servers] = await Promise.all([
      db.organization.findUniqueOrThrow({ where: { id: orgId }, include: { statusPage: true } }),
      db.server.findMany({
        where: { orgId, archivedAt: null },
        orderBy: [{ name: 'asc' }, { id: 'asc' }],
        select: { id: true, name: true, _count: { select: { monitors: { where: { state: 'active' } } } } },
      }),
    ]);
    const page = organization.statusPage;
    const known = new Set(servers.map(({ id }) => id));
    return {
      slug: organization.slug,
      enabled: page?.enabled ?? false,
      title: page?.title ?? organization.name,
      description: page?.description ?? '',
      serverIds: page?.serverIds.filter((id) => known.has(id)) ?? [],
      displayNames: displayNames.parse(page?.displayNames ?? {}),
      servers: servers.map(({ id, name, _count }) => ({ id, name, monitorCount: _count.monitors })),
    };
  },
});
