import { randomBytes } from 'node:crypto';
import { signIn } from '../../../services/account/sign-in.ts';
import { signUp as signUpUseCase } from '../../../services/account/sign-up.ts';
import type { Context } from '../../../services/context/context.ts';
import { newId } from '../../../services/context/ids.ts';
import { createMonitors } from '../../../services/monitor/create.ts';
import { connectServer } from '../../../services/server/connect.ts';
import { createWorkflow as createWorkflowUseCase } from '../../../services/workflow/create.ts';
import type { TestApp } from './app.ts';

export type Person = { name: string; email: string; password: string };

export type Workspace = {
  orgId: string;
  slug: string;
  /** Address of its pages, without a slash at the end. */
  url: string;
  owner: Person;
  /** The owner, for use cases. */
  ctx: Context;
  /** `name=value` of the owner's session. */
  cookie: string;
};

/** A new person with a workspace of their own, signed in. The installation has to be open for sign-up. */
export async function signUp({ deps, url }: TestApp, organizationName = 'Acme Shop'): Promise<Workspace> {
  const visitor: Context = { deps, actor: { kind: 'visitor', id: 'test' }, requestId: newId() };
  const id = randomBytes(4).toString('hex');
  const owner = { name: 'Ada Lovelace', email: `ada-${id}@example.com`, password: 'a long password' };
  const { userId, orgId, slug } = await signUpUseCase(visitor, { ...owner, organizationName });
  const visit = { cookie: '', address: `test-${id}`, userAgent: 'test' };
  const { cookies } = await signIn(visitor, { visit, email: owner.email, password: owner.password });
  const [cookie = ''] = cookies.map((header) => header.split(';')[0] ?? '');
  const ctx: Context = { ...visitor, actor: { kind: 'member', id: userId, orgId, role: 'owner' } };
  return { orgId, slug, url: `${url}/o/${slug}`, owner, ctx, cookie };
}

/** Gives the signed-in owner a lower role: somebody else owns the workspace from then on. */
export async function lowerRole({ orgId, ctx }: Workspace, role: 'viewer' | 'editor' | 'admin'): Promise<void> {
  const { db } = ctx.deps;
  const [id, userId] = [newId(), ctx.actor.id];
  await db.user.create({ data: { id, name: 'Another owner', email: `${id}@example.com` } });
  await db.$transaction([
    db.member.update({ where: { orgId_userId: { orgId, userId } }, data: { role } }),
    db.member.create({ data: { orgId, userId: id, role: 'owner' } }),
  ]);
}

/** Connects the example shop as `Shop`. @returns the server's id. */
export async function connectShop(ctx: Context, shop: { url: string }): Promise<string> {
  const { serverId, probe } = await connectServer(ctx, {
    name: 'Shop',
    transport: 'streamable_http',
    url: shop.url,
    auth: { kind: 'none' },
  });
  if (serverId === null) throw new Error(`The shop was not connected: ${JSON.stringify(probe)}`);
  return serverId;
}

type NewMonitor = { tool: string; name?: string; arguments: Record<string, string> };

/** A monitor that is due once an hour, so that no scheduled check falls into a test. @returns its id. */
export async function createMonitor(ctx: Context, serverId: string, monitor: NewMonitor): Promise<string> {
  const { monitors } = await createMonitors(ctx, { serverId, intervalSeconds: 3600, monitors: [monitor] });
  const [created] = monitors;
  if (!created) throw new Error('No monitor was created.');
  return created.id;
}

type Definition = Parameters<typeof createWorkflowUseCase>[1]['definition'];

/** A workflow that runs on the built-in models. @returns its id. */
export async function createWorkflow(
  ctx: Context,
  definition: Pick<Definition, 'name' | 'serverId' | 'prompt' | 'criteria'> & Partial<Definition>,
): Promise<string> {
  const { workflow } = await createWorkflowUseCase(ctx, {
    definition: { testerModels: ['builtin/scripted'], judgeModel: 'builtin/assertions', ...definition },
  });
  return workflow.id;
}
