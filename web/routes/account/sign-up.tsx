import { Form, type MetaFunction, redirect, useActionData, useLoaderData, useNavigation } from 'react-router';
import { signIn } from '../../../services/account/sign-in.ts';
import { getSignUpState, signUp } from '../../../services/account/sign-up.ts';
import { cookieHeaders } from '../../shell/cookies.server.ts';
import { kept, text } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button, TextLink } from '../../ui/button.tsx';
import { TextField } from '../../ui/field.tsx';
import { Notice } from '../../ui/notice.tsx';
import { ProblemNotice } from '../../ui/problem-notice.tsx';

export const meta: MetaFunction = () => [{ title: 'Sign up · Armature' }];

export const loader = publicLoader(async ({ ctx, session }) => {
  if (session && session.organizations.length > 0) throw redirect('/');
  return getSignUpState(ctx, {});
});

export const action = publicAction(async ({ ctx, context, form }) => {
  const { visit } = context.get(requestContext);
  const [email, password] = [text(form, 'email'), text(form, 'password')];
  const { slug } = await signUp(ctx, {
    name: text(form, 'name'),
    email,
    password,
    organizationName: text(form, 'organizationName'),
    address: visit.address,
  });
  // Signs the new person in immediately.
  const { cookies } = await signIn(ctx, { visit, email, password });
  throw redirect(`/o/${slug}/servers/new`, { headers: cookieHeaders(cookies) });
});

export default function SignUp() {
  const { open, first } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const problem = answer?.problem;
  const busy = useNavigation().state !== 'idle';
  const foot = first ? null : (
    <>
      Already have an account? <TextLink to="/sign-in">Sign in</TextLink>
    </>
  );
  if (!open)
    return (
      <Welcome title="Sign up" note="This installation already has an owner." foot={foot}>
        <Notice title="Sign-up is closed here.">Ask the owner for an invitation.</Notice>
      </Welcome>
    );
  return (
    <Welcome
      title={first ? 'Create the first account' : 'Sign up'}
      note={first ? 'It owns the first workspace of this installation.' : 'You get a workspace of your own.'}
      foot={foot}
    >
      <Form method="post" className="space-y-4" noValidate>
        <ProblemNotice problem={problem} />
        <TextField
          label="Your name"
          name="name"
          defaultValue={kept(answer?.values, 'name')}
          autoComplete="name"
          required
          problem={fieldProblem(problem, 'name')}
        />
        <TextField
          label="E-mail"
          name="email"
          defaultValue={kept(answer?.values, 'email')}
          type="email"
          autoComplete="username"
          required
          problem={fieldProblem(problem, 'email')}
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          required
          hint="At least 10 characters."
          problem={fieldProblem(problem, 'password')}
        />
        <TextField
          label="Workspace"
          name="organizationName"
          defaultValue={kept(answer?.values, 'organizationName')}
          autoComplete="organization"
          required
          hint="Your team's or product's name. The workspace's address is derived from it and can't change."
          problem={fieldProblem(problem, 'organizationName')}
        />
        <Button variant="primary" className="w-full" disabled={busy}>
          {busy ? 'Creating the workspace …' : 'Create workspace'}
        </Button>
      </Form>
    </Welcome>
  );
}
