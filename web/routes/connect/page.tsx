import { Form, type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { atLeast, roles } from '../../../domain/role/role.ts';
import { allowClient, denyClient, getClientRequest } from '../../../services/client-sign-in/answer.ts';
import { useActionData } from '../../shell/action-data.ts';
import { ErrorPage } from '../../shell/errors/error-page.tsx';
import { kept, text } from '../../shell/form.ts';
import { pickOne } from '../../shell/query.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { LeaveTo } from '../../ui/page/leave-to.tsx';
import { roleNames, roleRights } from '../settings/role.ts';

export const meta: MetaFunction = () => [{ title: 'Connect a client · Armature' }];

/** Asks a person whether a client of the MCP endpoint may act for them. */
export const loader = publicLoader(async ({ ctx, context, params, session, url }) => {
  const { visit } = context.get(requestContext);
  const request = await getClientRequest(ctx, { requestId: params.requestId ?? '', cookie: visit.cookie });
  if (!session) throw redirect(`/sign-in?to=${encodeURIComponent(url.pathname)}`);
  return {
    request,
    user: session.user,
    workspaces: session.organizations.map(({ slug, name, role }) => ({ slug, name, role })),
  };
});

export const action = publicAction(async ({ ctx, context, params, session, form }) => {
  const { visit } = context.get(requestContext);
  const of = { requestId: params.requestId ?? '', cookie: visit.cookie };
  if (form.get('intent') === 'deny') return { isAllowed: false, ...(await denyClient(ctx, of)) };
  const org = session?.organizations.find(({ slug }) => slug === text(form, 'workspace'));
  if (!session || !org)
    throw new ArmatureError(
      'organization_not_found',
      'There is no such workspace, or you are not a member of it.',
      'Reload the page and choose one of yours.',
    );
  const actor = { kind: 'member', id: session.user.id, orgId: org.id, role: org.role } as const;
  const role = pickOne(text(form, 'role'), roles) ?? 'viewer';
  return { isAllowed: true, ...(await allowClient({ ...ctx, actor }, { ...of, role })) };
});

export default function Connect() {
  const { request, user } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const { clientName } = request;
  return (
    <Welcome title={`Connect ${clientName}?`} note={`It will act in Armature as ${user.name} (${user.email}).`}>
      {answer && 'continueAt' in answer ? (
        <LeaveTo
          url={answer.continueAt}
          title={answer.isAllowed ? `${clientName} is connected.` : `${clientName} was refused.`}
          label={`Continue to ${clientName}`}
        />
      ) : (
        <Question />
      )}
    </Welcome>
  );
}

function Question() {
  const { request, workspaces } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const refused = answer && 'problem' in answer ? answer : undefined;
  const [only] = workspaces;
  if (!only)
    return (
      <Notice tone="warning" title="You are not a member of any workspace.">
        Create one, or accept an invitation. Then connect again from the client.
      </Notice>
    );
  const offered = roles.filter((role) => workspaces.some((each) => atLeast(each.role, role)));
  const usual = offered.includes('editor') ? 'editor' : 'viewer';
  return (
    <Form method="post" className="space-y-4 [overflow-wrap:anywhere]">
      <ErrorSummary problem={refused?.problem} />
      <Notice tone="warning" title={`Did you start this in ${request.clientName} yourself?`}>
        {describeClient(request)} If you didn't start it, deny it.
      </Notice>
      <Choice
        legend="Workspace"
        name="workspace"
        chosen={kept(refused?.values, 'workspace', only.slug)}
        options={workspaces.map(({ slug, name, role }) => ({
          value: slug,
          label: name,
          note: `You are ${roleNames[role]} there.`,
        }))}
      />
      <Choice
        legend="Role of the client"
        name="role"
        chosen={kept(refused?.values, 'role', usual)}
        options={offered.map((role) => ({ value: role, label: roleNames[role], note: roleRights[role] }))}
      />
      <div className="flex gap-2">
        <Button variant="primary" name="intent" value="allow" className="flex-1" disabled={busy}>
          Allow
        </Button>
        <Button name="intent" value="deny" className="flex-1" disabled={busy}>
          Deny
        </Button>
      </div>
      <p className="text-muted">
        You can revoke it in the settings of the workspace, under API keys. It ends by itself after 30 days without use.
      </p>
    </Form>
  );
}

type Option = { value: string; label: string; note: string };

function Choice({
  legend,
  name,
  chosen,
  options,
}: {
  legend: string;
  name: string;
  chosen: string;
  options: readonly Option[];
}) {
  return (
    <fieldset className="space-y-2">
      <legend className="mb-1 font-medium">{legend}</legend>
      {options.map(({ value, label, note }) => (
        <label key={value} className="flex min-h-6 items-start gap-2">
          <input type="radio" name={name} value={value} defaultChecked={value === chosen} className="mt-1" />
          <span>
            {label} <span className="block text-muted">{note}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}

type Request = Awaited<ReturnType<typeof loader>>['request'];

/** Who gets access. A name is what a client chose for itself; its addresses are not. */
function describeClient({ clientName, redirect, publishedBy }: Request): string {
  const known =
    publishedBy === null ? 'Any program can call itself by this name.' : `${publishedBy} publishes that name.`;
  switch (redirect.kind) {
    case 'machine':
      return `${known} Access is given to a program on this computer, at ${redirect.name}.`;
    case 'program':
      return `${known} Access is given to the program on this computer that opens "${redirect.name}:" links.`;
    case 'site':
      return `${known} Access is given to the site ${redirect.name}, and ${clientName} acts from there.`;
  }
}

export function ErrorBoundary() {
  return (
    <main className="mx-auto grid min-h-screen max-w-xl place-content-center p-6">
      <ErrorPage />
    </main>
  );
}
