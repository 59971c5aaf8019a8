import { Form, type MetaFunction, redirect, useActionData, useLoaderData, useNavigation } from 'react-router';
import { signIn } from '../../../services/account/sign-in.ts';
import { getSignUpState } from '../../../services/account/sign-up.ts';
import { cookieHeaders } from '../../shell/cookies.server.ts';
import { kept, text } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader, toReturnPath } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button, TextLink } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';

export const meta: MetaFunction = () => [{ title: 'Sign in · Armature' }];

export const loader = publicLoader(async ({ ctx, session, url }) => {
  if (session && session.organizations.length > 0) throw redirect(toReturnPath(url));
  const { open, first } = await getSignUpState(ctx, {});
  // Nobody can sign in before the first account exists.
  if (first) throw redirect('/sign-up');
  return { open };
});

export const action = publicAction(async ({ ctx, context, form, url }) => {
  const { visit } = context.get(requestContext);
  const { cookies } = await signIn(ctx, {
    visit,
    email: text(form, 'email'),
    password: text(form, 'password'),
  });
  throw redirect(toReturnPath(url), { headers: cookieHeaders(cookies) });
});

export default function SignIn() {
  const { open } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const problem = answer?.problem;
  const busy = useNavigation().state !== 'idle';
  return (
    <Welcome
      title="Sign in"
      note="Continuous tests for MCP servers."
      foot={
        open ? (
          <>
            No account yet? <TextLink to="/sign-up">Sign up</TextLink>
          </>
        ) : null
      }
    >
      <Form method="post" className="space-y-4" noValidate>
        <ProblemNotice problem={problem} />
        <TextField
          label="E-mail"
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={kept(answer?.values, 'email')}
          problem={fieldProblem(problem, 'email')}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
          problem={fieldProblem(problem, 'password')}
        />
        <Button variant="primary" className="w-full" disabled={busy}>
          {busy ? 'Signing in …' : 'Sign in'}
        </Button>
      </Form>
    </Welcome>
  );
}
