import { Form, useLoaderData, useNavigation } from 'react-router';
import { useActionData } from '../../shell/action-data.ts';
import { kept } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { StateLabel } from '../../ui/base/status-chip.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { NewPasswordField, PasswordField } from '../account/fields.tsx';
import type { action, loader } from './page.tsx';

/** The refusal of one of the page's forms. */
function useProblem(intent: string) {
  const answer = useActionData<typeof action>();
  if (!answer || !('problem' in answer) || kept(answer.values, 'form') !== intent) return {};
  return { problem: answer.problem, values: answer.values };
}

export function EmailCard() {
  const { profile, sendsEmail } = useLoaderData<typeof loader>();
  const { problem, values } = useProblem('email');
  const busy = useNavigation().state === 'submitting';
  return (
    <Card title="E-mail address">
      <div className="mb-4 flex flex-wrap items-center gap-2 text-sm">
        <span className="[overflow-wrap:anywhere]">{profile.email}</span>
        <StateLabel>{profile.isEmailVerified ? 'Verified' : 'Not verified'}</StateLabel>
        {profile.isEmailVerified ? null : (
          <Form method="post" action="?">
            <Button name="intent" value="verify" disabled={busy}>
              Send link to verify
            </Button>
          </Form>
        )}
      </div>
      {profile.hasPassword ? (
        <Form method="post" action="?" className="space-y-3" noValidate>
          <input type="hidden" name="form" value="email" />
          <TextField
            label="New e-mail address"
            name="email"
            type="email"
            autoComplete="email"
            required
            defaultValue={kept(values, 'email')}
            hint={
              sendsEmail
                ? 'It gets a link. Your address changes when you open it, and the old one is notified.'
                : 'Its link is in the log of the api, since no e-mail provider is configured: ask the operator for it.'
            }
            problem={fieldProblem(problem, 'email')}
          />
          <PasswordField
            label="Current password"
            name="currentPassword"
            autoComplete="current-password"
            problem={fieldProblem(problem, 'currentPassword')}
          />
          <Button name="intent" value="email" disabled={busy}>
            Change address
          </Button>
        </Form>
      ) : null}
    </Card>
  );
}

export function PasswordCard() {
  const { profile } = useLoaderData<typeof loader>();
  const { problem } = useProblem('password');
  const busy = useNavigation().state === 'submitting';
  if (!profile.hasPassword)
    return (
      <Card title="Password">
        <p className="text-sm text-muted">You sign in through your organization, without a password here.</p>
      </Card>
    );
  return (
    <Card title="Password">
      <Form method="post" action="?" className="space-y-3" noValidate>
        <input type="hidden" name="form" value="password" />
        <PasswordField
          label="Current password"
          name="currentPassword"
          autoComplete="current-password"
          problem={fieldProblem(problem, 'currentPassword')}
        />
        <NewPasswordField label="New password" problem={problem} />
        <Button name="intent" value="password" disabled={busy}>
          Change password
        </Button>
        <p className="text-xs text-muted">It ends your sessions in all other browsers.</p>
      </Form>
    </Card>
  );
}
