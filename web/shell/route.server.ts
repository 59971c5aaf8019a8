import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from 'react-router';
import { ArmatureError, httpStatus, isArmatureError } from '../../domain/error/error.ts';
import type { Session } from '../../services/account/session.ts';
import type { Context } from '../../services/context/context.ts';
import { toValues } from './form.ts';
import { localPath } from './local-path.ts';
import { type Problem, toProblem } from './problem.ts';
import { id } from './query.ts';
import { type RequestContext, requestContext } from './request-context.ts';

type Args = LoaderFunctionArgs | ActionFunctionArgs;
export type Organization = Session['organizations'][number];

/** A page that anyone may see, such as sign-in. */
export type Visiting = { ctx: Context; session: Session | null; url: URL } & Args;
/** A page of an organization. `org` must be one of the member's; others are not found. */
export type Member = { ctx: Context; session: Session; org: Organization; url: URL; path(rest: string): string } & Args;

/** Loaders: a failure becomes the route's error page, with its HTTP status. */
export const publicLoader =
  <T>(work: (visiting: Visiting) => Promise<T>) =>
  (args: LoaderFunctionArgs): Promise<T> =>
    asPage(args, async () => work(await visiting(args)));

export const memberLoader =
  <T>(work: (member: Member) => Promise<T>) =>
  (args: LoaderFunctionArgs): Promise<T> =>
    asPage(args, async () => work(await member(args)));

/** Actions: a failure returns to the form as `{ problem, values }`, with its HTTP status. */
export const publicAction =
  <T>(work: (visiting: Visiting & { form: FormData }) => Promise<T>) =>
  (args: ActionFunctionArgs) =>
    asForm(args, async (form) => work({ ...(await visiting(args)), form }));

export const memberAction =
  <T>(work: (member: Member & { form: FormData }) => Promise<T>) =>
  (args: ActionFunctionArgs) =>
    asForm(args, async (form) => work({ ...(await member(args)), form }));

async function visiting(args: Args): Promise<Visiting> {
  const { context, request } = args;
  const { armature, requestId, visit, session } = context.get(requestContext);
  const ctx: Context = { deps: armature, actor: { kind: 'visitor', id: visit.address }, requestId };
  return { ...args, ctx, session: await session(), url: new URL(request.url) };
}

async function member(args: Args): Promise<Member> {
  const { context, params, request } = args;
  const url = new URL(request.url);
  const { armature, requestId, ...visiting } = context.get(requestContext);
  const session = await visiting.session();
  if (!session)
    throw redirect(`/sign-in?to=${encodeURIComponent(request.method === 'GET' ? url.pathname + url.search : '/')}`);
  if (Object.entries(params).some(([name, value]) => name.endsWith('Id') && !id(value)))
    throw new ArmatureError(
      'resource_not_found',
      'Page not found.',
      'The address may be wrong, or the page no longer exists.',
    );
  const org = session.organizations.find(({ slug }) => slug === params.org);
  if (!org)
    throw new ArmatureError(
      'organization_not_found',
      'There is no such workspace, or you are not a member of it.',
      'Check the address, or ask someone in the workspace for an invitation.',
    );
  const ctx: Context = {
    deps: armature,
    actor: { kind: 'member', id: session.user.id, orgId: org.id, role: org.role },
    requestId,
  };
  return { ...args, ctx, session, org, url, path: (rest) => `/o/${org.slug}/${rest}` };
}

async function asPage<T>({ context }: Args, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw pageFailure(error, context.get(requestContext));
  }
}

async function asForm<T>({ context, request }: Args, work: (form: FormData) => Promise<T>) {
  const form = await request.formData();
  try {
    return await work(form);
  } catch (error) {
    if (!isArmatureError(error)) throw pageFailure(error, context.get(requestContext));
    const problem: Problem = toProblem(error, context.get(requestContext).requestId);
    return data({ problem, values: toValues(form) }, { status: httpStatus(error.code) });
  }
}

function pageFailure(error: unknown, { armature, requestId }: RequestContext): unknown {
  if (error instanceof Response) return error;
  if (isArmatureError(error)) return data(toProblem(error, requestId), { status: httpStatus(error.code) });
  armature.log.error({ err: error, requestId }, 'page failed');
  const problem: Problem = {
    code: 'internal_error',
    message: 'Something went wrong on our side.',
    remediation: 'Try again. If it happens again, give the operator of this installation the request id.',
    fieldErrors: [],
    requestId,
  };
  return data(problem, { status: 500 });
}

/** Where to go after signing in: a path of this site, or the home page. */
export const toReturnPath = (url: URL): string => localPath(url.searchParams.get('to')) ?? '/';
