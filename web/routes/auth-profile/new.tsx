import { Form, type MetaFunction, redirect, useLoaderData } from 'react-router';
import { createAuthProfile } from '../../../services/auth-profile/create.ts';
import { requireAccess } from '../../../services/context/use-case.ts';
import { getServer } from '../../../services/server/reading/get.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { memberAction, memberLoader } from '../../shell/route.server.ts';
import { Button } from '../../ui/base/button.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { OAuthFields } from './settings-fields.tsx';
import { parseOAuth } from './settings-values.ts';

export const meta: MetaFunction = () => [{ title: 'OAuth profile · Armature' }];

export const loader = memberLoader(async ({ ctx, params, path }) => {
  await requireAccess(ctx, createAuthProfile.useCase);
  const { server } = await getServer(ctx, { serverId: params.serverId ?? '' });
  const links = { servers: path('servers'), server: path(`servers/${server.id}`) };
  return { server: { name: server.name }, links };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const { serverId = '' } = params;
  const { authProfileId } = await createAuthProfile(ctx, {
    serverId,
    name: text(form, 'name'),
    auth: parseOAuth(form),
    isDefault: form.has('isDefault'),
  });
  throw redirect(path(`servers/${serverId}/auth/${authProfileId}`));
});

export default function NewOAuthProfile() {
  const { server, links } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const values = answer && 'values' in answer ? answer.values : undefined;
  return (
    <>
      <PageHeader
        trail={[
          { to: links.servers, text: 'Servers' },
          { to: links.server, text: server.name },
        ]}
        title="Add an OAuth profile"
        note="Armature finds the authorization server, and registers there where it can."
      />
      <Form method="post" className="max-w-xl space-y-4">
        <ErrorSummary problem={problem} />
        <TextField
          label="Name"
          name="name"
          required
          defaultValue={typeof values?.name === 'string' ? values.name : 'OAuth'}
          problem={fieldProblem(problem, 'name')}
        />
        <OAuthFields values={values} problem={problem} />
        <label className="flex items-center gap-2">
          <input type="checkbox" name="isDefault" defaultChecked /> Make default
        </label>
        <Button variant="primary">Add profile</Button>
      </Form>
    </>
  );
}
