import { Form, type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { requestPasswordReset } from '../../../services/account/password/request-reset.ts';
import { resetPassword } from '../../../services/account/password/reset.ts';
import { useActionData } from '../../shell/action-data.ts';
import { kept, text } from '../../shell/form.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { EmailField, NewPasswordField } from './fields.tsx';

export const meta: MetaFunction = () => [{ title: 'Reset your password · Armature' }];

export const loader = publicLoader(async ({ ctx, url }) => ({
  hasToken: url.searchParams.has('token'),
  sendsEmail: ctx.deps.email.configured,
}));

export const action = publicAction(async ({ ctx, context, form, url }) => {
  const { visit } = context.get(requestContext);
  const token = url.searchParams.get('token');
  if (token === null) return requestPasswordReset(ctx, { visit, email: text(form, 'email') });
  await resetPassword(ctx, { visit, token, password: text(form, 'password') });
  throw redirect('/sign-in?password-changed=1');
});

export default function ResetPassword() {
  const { hasToken, sendsEmail } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const busy = useNavigation().state !== 'idle';
  return (
    <Welcome
      title={hasToken ? 'Choose a new password' : 'Reset your password'}
      note={
        hasToken
          ? 'It ends all your sessions, in every browser.'
          : sendsEmail
            ? 'You get a link by e-mail.'
            : 'The operator of this installation gets a link for you.'
      }
      foot={<TextLink to="/sign-in">Back to sign-in</TextLink>}
    >
      {answer && 'requested' in answer ? (
        <Requested sendsEmail={sendsEmail} />
      ) : (
        <Form method="post" className="space-y-4" noValidate>
          <ErrorSummary problem={problem} />
          {hasToken ? (
            <NewPasswordField label="New password" problem={problem} />
          ) : (
            <EmailField email={answer && 'values' in answer ? kept(answer.values, 'email') : ''} problem={problem} />
          )}
          <Button variant="primary" className="w-full" disabled={busy}>
            {hasToken ? 'Change password' : 'Request link'}
          </Button>
        </Form>
      )}
    </Welcome>
  );
}

function Requested({ sendsEmail }: { sendsEmail: boolean }) {
  return (
    <Notice alert title="If the address has an account, a link was created.">
      {sendsEmail
        ? 'It arrives by e-mail within a few minutes, and works for an hour.'
        : 'No e-mail provider is configured, so the link is in the log of the api. Ask the operator for it, or an admin of your workspace.'}
    </Notice>
  );
}
