import type { RouteConfigEntry } from '@react-router/dev/routes';
import type { Deps } from '../../../services/context/context.ts';
import { newId } from '../../../services/context/ids.ts';
import routes from '../../../web/routes.ts';
import type { World } from './world.ts';

/** Paths of all routes of the dashboard, such as `/o/:org/runs/:runId`. */
export const listPaths = (): string[] => [...new Set(flatten(routes))];

function flatten(entries: readonly RouteConfigEntry[], parent = ''): string[] {
  return entries.flatMap(({ path, index, children }) => {
    const own = path === undefined ? parent : `${parent}/${path}`;
    return children ? flatten(children, own) : index ? [parent || '/'] : own.includes('*') ? [] : [own];
  });
}

/** The address of a page about what is in `of`. A new parameter of a route goes here. */
export const fillPath = (path: string, slug: string, of: World): string =>
  path
    .replace(/^\/slack\/link$/, `/slack/link?token=${of.slackLinkToken}`)
    .replace(':requestId', 'x')
    .replace(':org', slug)
    .replace(':serverId', of.serverId)
    .replace(':authProfileId', of.oauthProfileId)
    .replace(':workflowId', of.workflowId)
    .replace(':versionId', of.versionId)
    .replace(':runId', of.runId)
    .replace(':monitorId', of.monitorId)
    .replace(':incidentId', of.incidentId)
    .replace(':providerId', of.providerId)
    .replace(':productMcpId', of.productMcpId)
    .replace(':ruleId', of.ruleId)
    .replace(':deliveryId', of.deliveryId)
    .replace(':webhookId', of.webhookId)
    .replace(':proposalId', of.proposalId)
    .replace(':providerId', of.providerId)
    .replace(':page', 'runs');

/** @returns the cookie of a new session of the owner, by a password */
export async function signInOwner({ db, auth }: Deps, { org }: World): Promise<{ name: string; value: string }> {
  const { userId } = org;
  const password = 'correct horse battery';
  const hash = await auth.hashPassword(password);
  await db.account.create({
    data: { id: newId(), userId, accountId: userId, providerId: 'credential', password: hash },
  });
  const { email } = await db.user.findUniqueOrThrow({ where: { id: userId } });
  const session = await auth.signIn({ email, password }, { cookie: '', address: '127.0.0.1', userAgent: 'test' });
  const [name = '', value = ''] = session?.cookies[0]?.split(';')[0]?.split(/=(.*)/) ?? [];
  if (!value) throw new Error('The owner could not sign in.');
  return { name, value };
}
