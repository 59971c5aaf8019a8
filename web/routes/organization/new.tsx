import { Form, type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { createOrganization, getCreationState } from '../../../services/organization/create.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { WorkspaceFields } from '../account/fields.tsx';

export const meta: MetaFunction = () => [{ title: 'Create a workspace · Armature' }];

export const loader = publicLoader(async ({ ctx, context, session }) => {
  if (!session) throw redirect('/sign-in?to=/workspaces/new');
  const { open } = await getCreationState(ctx, { visit: context.get(requestContext).visit });
  return { open, origin: ctx.deps.config.url, isFirst: session.organizations.length === 0 };
});

export const action = publicAction(async ({ ctx, context, form, session }) => {
  if (!session) throw redirect('/sign-in?to=/workspaces/new');
  const { visit } = context.get(requestContext);
  const { slug } = await createOrganization(ctx, { visit, name: text(form, 'name'), slug: text(form, 'slug') });
  throw redirect(`/o/${slug}/servers/new`);
});

export default function NewWorkspace() {
  const { open, origin, isFirst } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const problem = answer?.problem;
  const busy = useNavigation().state !== 'idle';
  const foot = (
    <>
      <TextLink to="/profile">Your profile</TextLink>
      {isFirst ? null : (
        <>
          {' '}
          <TextLink to="/">Back to your workspace</TextLink>
        </>
      )}
    </>
  );
  if (!open)
    return (
      <Welcome
        title={isFirst ? 'No workspace yet' : 'Create a workspace'}
        note="Workspaces hold servers, tests and people."
        foot={foot}
      >
        <Notice title="You can't create workspaces on this installation.">
          Ask for an invitation to a workspace, or the operator for a new one.
        </Notice>
      </Welcome>
    );
  return (
    <Welcome title="Create a workspace" note="Workspaces hold servers, tests and people. You own this one." foot={foot}>
      <Form method="post" className="space-y-4" noValidate>
        <ErrorSummary problem={problem} />
        <WorkspaceFields name="name" origin={origin} values={answer?.values} problem={problem} />
        <Button variant="primary" className="w-full" disabled={busy}>
          Create workspace
        </Button>
      </Form>
    </Welcome>
  );
}
