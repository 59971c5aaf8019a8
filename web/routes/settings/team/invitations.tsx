import { Form, useLoaderData, useNavigation } from 'react-router';
import { givenRoles, refuseInviting } from '../../../../domain/role/membership.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { kept } from '../../../shell/form.ts';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { Button } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
import { SelectField, TextField } from '../../../ui/form/field.tsx';
import { roleNames } from '../role.ts';
import type { action, loader } from './page.tsx';

export function Invitations() {
  const { invitations } = useLoaderData<typeof loader>();
  return (
    <>
      <Card title="Invite people">
        <InvitationForms />
      </Card>
      {invitations.length > 0 ? (
        <Card title="Pending invitations" flush>
          <DataTable
            label="Pending invitations"
            rows={invitations}
            rowKey={({ id }) => id}
            columns={[
              {
                key: 'for',
                head: 'For',
                phone: 'title',
                cell: ({ email, maxUses, useCount }) =>
                  email ?? `Anyone with the link: ${useCount} of ${maxUses} joined`,
              },
              { key: 'role', head: 'Role', phone: 'status', cell: ({ role }) => roleNames[role] },
              { key: 'by', head: 'Invited by', cell: ({ createdByName }) => createdByName ?? 'Someone who left' },
              { key: 'expires', head: 'Expires', cell: ({ expiresAt }) => <Time at={expiresAt} relative /> },
              {
                key: 'actions',
                head: 'Actions',
                cell: ({ id, email }) => (
                  <Form method="post" action="?" className="flex gap-2">
                    <input type="hidden" name="invitationId" value={id} />
                    <Button
                      name="intent"
                      value="resend"
                      aria-label={`${email ? 'Send again to' : 'Replace'} ${email ?? 'link'}`}
                    >
                      {email ? 'Send again' : 'New link'}
                    </Button>
                    <Button
                      variant="danger"
                      name="intent"
                      value="revoke"
                      aria-label={`Revoke invitation ${email ?? 'link'}`}
                    >
                      Revoke
                    </Button>
                  </Form>
                ),
              },
            ]}
          />
        </Card>
      ) : null}
    </>
  );
}

function InvitationForms() {
  const { sendsEmail } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state === 'submitting';
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const values = answer && 'values' in answer ? answer.values : undefined;
  const isOf = (by: string) => kept(values, 'by') === by;
  return (
    <div className="grid gap-6 md:grid-cols-2">
      <Form method="post" action="?" className="space-y-3" noValidate>
        <input type="hidden" name="by" value="email" />
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="off"
          required
          defaultValue={isOf('email') ? kept(values, 'email') : ''}
          hint={
            sendsEmail
              ? 'For this person alone.'
              : 'For this person alone. You get a link to pass on, since no e-mail provider is configured.'
          }
          problem={isOf('email') ? fieldProblem(problem, 'email') : undefined}
        />
        <RoleField problem={isOf('email') ? problem : undefined} value={isOf('email') ? kept(values, 'role') : ''} />
        <Button variant="primary" name="intent" value="invite" disabled={busy}>
          {sendsEmail ? 'Send invitation' : 'Create invitation'}
        </Button>
      </Form>
      <Form method="post" action="?" className="space-y-3" noValidate>
        <input type="hidden" name="by" value="link" />
        <TextField
          label="People who may use the link"
          name="maxUses"
          type="number"
          min={1}
          max={1000}
          required
          defaultValue={isOf('link') ? kept(values, 'maxUses') : '1'}
          hint="Anyone with the link can join until it expires in seven days, or you revoke it."
          problem={isOf('link') ? fieldProblem(problem, 'maxUses') : undefined}
        />
        <RoleField problem={isOf('link') ? problem : undefined} value={isOf('link') ? kept(values, 'role') : ''} />
        <Button name="intent" value="invite" disabled={busy}>
          Create link
        </Button>
      </Form>
    </div>
  );
}

function RoleField({ problem, value }: { problem: Problem | undefined; value: string }) {
  const { role } = useLoaderData<typeof loader>();
  return (
    <SelectField label="Role" name="role" defaultValue={value || 'viewer'} problem={fieldProblem(problem, 'role')}>
      {givenRoles
        .filter((each) => refuseInviting(role, each) === null)
        .map((each) => (
          <option key={each} value={each}>
            {roleNames[each]}
          </option>
        ))}
    </SelectField>
  );
}
