import { data, Form, type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { signIn } from '../../../services/account/sign-in.ts';
import { getSignUpState } from '../../../services/account/sign-up.ts';
import { useActionData } from '../../shell/action-data.ts';
import { cookieHeaders } from '../../shell/cookies.server.ts';
import { kept, text } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader, toReturnPath } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button, LinkButton, TextLink } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { EmailField, PasswordField } from './fields.tsx';

export const meta: MetaFunction = () => [{ title: 'Sign in · Armature' }];

export const loader = publicLoader(async ({ ctx, session, url }) => {
  if (session) throw redirect(toReturnPath(url));
  const { open, first, provider } = await getSignUpState(ctx, {});
  // Nobody can sign in before the first account exists.
  if (first) throw redirect('/sign-up');
  const to = toReturnPath(url);
  return {
    open,
    provider: provider && { name: provider, address: `/sign-in/provider?to=${encodeURIComponent(to)}` },
    hasSignedUp: url.searchParams.has('signed-up'),
    hasUnsentForm: url.searchParams.has('unsent'),
    hasNewPassword: url.searchParams.has('password-changed'),
  };
});

export const action = publicAction(async ({ ctx, context, form, url }) => {
  const { visit } = context.get(requestContext);
  const { cookies } = await signIn(ctx, {
    visit,
    email: text(form, 'email'),
    password: text(form, 'password'),
  });
  // The dialog on a page whose session has ended.
  if (form.has('inPlace')) return data({ isSignedIn: true }, { headers: cookieHeaders(cookies) });
  throw redirect(toReturnPath(url), { headers: cookieHeaders(cookies) });
});

export default function SignIn() {
  const { open, provider, hasSignedUp, hasNewPassword, hasUnsentForm } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refused = answer && 'problem' in answer ? answer : undefined;
  const problem = refused?.problem;
  const busy = useNavigation().state !== 'idle';
  return (
    <Welcome
      title="Sign in"
      note="Armature tests and monitors your MCP servers, around the clock."
      foot={
        <>
          <TextLink to="/reset-password">Forgot your password?</TextLink>
          {open ? (
            <>
              {' '}
              No account yet? <TextLink to="/sign-up">Sign up</TextLink>
            </>
          ) : null}
        </>
      }
    >
      <Form method="post" className="space-y-4" noValidate>
        {hasSignedUp && !problem ? (
          <Notice title="Now sign in.">
            If the address already had an account, nothing was changed: use the password that it had before.
          </Notice>
        ) : null}
        {hasUnsentForm && !problem ? (
          <Notice tone="warning" title="Your session has ended, and your form was not sent.">
            After you sign in, the form opens again. Fill it in and send it again.
          </Notice>
        ) : null}
        {hasNewPassword && !problem ? <Notice tone="good" title="The password was changed. Now sign in." /> : null}
        <ErrorSummary problem={problem} />
        <EmailField email={kept(refused?.values, 'email')} problem={problem} />
        <PasswordField
          label="Password"
          name="password"
          autoComplete="current-password"
          problem={fieldProblem(problem, 'password')}
        />
        <Button variant="primary" className="w-full" disabled={busy}>
          {busy ? 'Signing in …' : 'Sign in'}
        </Button>
      </Form>
      {provider ? (
        <LinkButton to={provider.address} reloadDocument prefetch="none" className="mt-4 w-full">
          Sign in with {provider.name}
        </LinkButton>
      ) : null}
    </Welcome>
  );
}
