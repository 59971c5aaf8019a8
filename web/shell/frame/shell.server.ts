import { countOpenIncidents } from '../../../services/incident/count-open.ts';
import { showStandstill } from '../../../services/installation/standstill.ts';
import { getCreationState } from '../../../services/organization/create.ts';
import { countOpenProposals } from '../../../services/proposal/count-open.ts';
import { requestContext } from '../request-context.ts';
import type { Member } from '../route.server.ts';
import { railCookie } from './app-shell.tsx';
import type { Counts } from './entries.ts';
import type { ShellData } from './shell-context.ts';

export async function readCounts({ ctx }: Pick<Member, 'ctx'>): Promise<Counts> {
  const [incidents, proposals] = await Promise.all([countOpenIncidents(ctx, {}), countOpenProposals(ctx, {})]);
  return { incidents: incidents.count, proposals: proposals.count };
}

/** What the frame of a workspace's pages shows. */
export async function readShell({ ctx, context, org, session, request }: Member): Promise<ShellData> {
  // Before anything is read: what changes from here on is streamed.
  const position = ctx.deps.live.position();
  const { visit } = context.get(requestContext);
  const [counts, standstill, creation] = await Promise.all([
    readCounts({ ctx }),
    showStandstill(ctx, {}),
    getCreationState(ctx, { visit }),
  ]);
  return {
    position,
    org: { slug: org.slug, name: org.name },
    role: org.role,
    organizations: session.organizations.map(({ slug, name }) => ({ slug, name })),
    mayCreateWorkspace: creation.open,
    user: session.user,
    counts,
    standstill,
    collapsed: (request.headers.get('cookie') ?? '').includes(`${railCookie}=collapsed`),
  };
}
