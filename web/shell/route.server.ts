import { type ActionFunctionArgs, data, type LoaderFunctionArgs, redirect } from 'react-router';
import { httpStatus } from '../../domain/error/codes.ts';
import { ArmatureError, isArmatureError } from '../../domain/error/error.ts';
import type { Session } from '../../services/account/session.ts';
import type { Context } from '../../services/context/context.ts';
import { toValues, type Values } from './form.ts';
import { localPath } from './local-path.ts';
import { type Problem, pageNotFound, toProblem } from './problem.ts';
import { id } from './query.ts';
import {
  documentForm,
  type FormLimits,
  type FormRefusal,
  memberForm,
  readForm,
  visitorForm,
} from './read-form.server.ts';
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

/**
 * Like `memberLoader`, but at an address of none of the member's workspaces it works for the last one: the frame of the
 * error page.
 */
export const frameLoader =
  <T>(work: (member: Member) => Promise<T>) =>
  (args: LoaderFunctionArgs): Promise<T> =>
    asPage(args, async () => work((await lastMember(args)) ?? (await member(args))));

/** Null for visitors and people without a workspace. */
export async function lastMember(args: Args): Promise<Member | null> {
  const session = await args.context.get(requestContext).session();
  const org = session && lastOrganization(session, args);
  return session && org ? asMember(args, session, org) : null;
}

/** Actions: a failure returns to the form as `{ problem, values }`, with its HTTP status. */
export const publicAction =
  <T>(work: (visiting: Visiting & { form: FormData }) => Promise<T>) =>
  (args: ActionFunctionArgs) =>
    asForm(args, { identify: visiting, limits: visitorForm }, (from, form) => work({ ...from, form }));

export const memberAction =
  <T>(work: (member: Member & { form: FormData }) => Promise<T>) =>
  (args: ActionFunctionArgs) =>
    asForm(args, { identify: member, limits: memberForm }, (from, form) => work({ ...from, form }));

/** As `memberAction`, for a form with an OpenAPI document as a file. */
export const documentAction =
  <T>(work: (member: Member & { form: FormData }) => Promise<T>) =>
  (args: ActionFunctionArgs) =>
    asForm(args, { identify: member, limits: documentForm }, (from, form) => work({ ...from, form }));

async function visiting(args: Args): Promise<Visiting> {
  const { context, request } = args;
  const { armature, requestId, visit, session } = context.get(requestContext);
  const { address } = visit;
  const ctx: Context = { deps: armature, actor: { kind: 'visitor', id: address }, requestId, address };
  return { ...args, ctx, session: await session(), url: new URL(request.url) };
}

async function member(args: Args): Promise<Member> {
  const { context, params, request } = args;
  const url = new URL(request.url);
  const session = await context.get(requestContext).session();
  if (!session) throw signInFirst(request, url);
  if (Object.entries(params).some(([name, value]) => name.endsWith('Id') && !id(value))) throw pageNotFound();
  const org = session.organizations.find(({ slug }) => slug === params.org);
  if (!org)
    throw new ArmatureError(
      'organization_not_found',
      'There is no such workspace, or you are not a member of it.',
      'Check the address, or ask someone in the workspace for an invitation.',
    );
  return asMember(args, session, org);
}

/** A page leads to sign-in; a form stays where it is, so that it can be sent again. */
function signInFirst({ method, headers }: Request, { pathname, search }: URL): unknown {
  const to = encodeURIComponent(pathname + search);
  if (method === 'GET') return redirect(`/sign-in?to=${to}`);
  // Without scripts the browser leaves the form.
  if (headers.get('accept')?.includes('text/html')) return redirect(`/sign-in?to=${to}&unsent=1`);
  return new ArmatureError(
    'unauthenticated',
    'Your session has ended. Nothing was sent.',
    'Sign in again, then send the form again.',
  );
}

function asMember(args: Args, session: Session, org: Organization): Member {
  const { armature, requestId, visit } = args.context.get(requestContext);
  const ctx: Context = {
    deps: armature,
    actor: { kind: 'member', id: session.user.id, orgId: org.id, role: org.role },
    requestId,
    address: visit.address,
  };
  return { ...args, ctx, session, org, url: new URL(args.request.url), path: (rest) => `/o/${org.slug}/${rest}` };
}

const workspaceCookie = 'armature_workspace';

/** `Set-Cookie` value that remembers the workspace as the last one of this browser. */
export const rememberWorkspace = (slug: string): string =>
  `${workspaceCookie}=${slug}; Path=/; Max-Age=31536000; SameSite=Lax; HttpOnly`;

/** The workspace of the address, else the last one of this browser, else the oldest. */
function lastOrganization({ organizations }: Session, { params, request }: Args): Organization | undefined {
  const last = new RegExp(`(?:^|; )${workspaceCookie}=([^;]+)`).exec(request.headers.get('cookie') ?? '')?.[1];
  const find = (slug: string | undefined) => organizations.find((each) => each.slug === slug);
  return find(params.org) ?? find(last) ?? organizations[0];
}

async function asPage<T>({ context }: Args, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw pageFailure(error, context.get(requestContext));
  }
}

/** The form is read only after its sender is known, since members may send larger ones than visitors. */
async function asForm<Sender, T>(
  args: ActionFunctionArgs,
  { identify, limits }: { identify: (args: Args) => Promise<Sender>; limits: FormLimits },
  work: (sender: Sender, form: FormData) => Promise<T>,
) {
  const context = args.context.get(requestContext);
  let sender: Sender;
  try {
    sender = await identify(args);
  } catch (error) {
    if (!isArmatureError(error) || error.code !== 'unauthenticated') throw pageFailure(error, context);
    // What the form has is not read: the browser still has it.
    const values: Values = {};
    return data({ problem: toProblem(error, context.requestId), values }, { status: 401 });
  }
  const read = await readForm(args.request, limits);
  if ('refusal' in read) throw formFailure(read.refusal, context);
  try {
    return await work(sender, read.form);
  } catch (error) {
    if (!isArmatureError(error)) throw pageFailure(error, context);
    const problem: Problem = toProblem(error, context.requestId);
    return data({ problem, values: toValues(read.form) }, { status: httpStatus(error.code) });
  }
}

function formFailure({ status, message, remediation }: FormRefusal, { requestId }: RequestContext): unknown {
  return data(toProblem(new ArmatureError('validation_failed', message, remediation), requestId), { status });
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
