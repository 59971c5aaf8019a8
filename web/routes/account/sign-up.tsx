import { Form, type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { signIn } from '../../../services/account/sign-in.ts';
import { getSignUpState, requestSignUp } from '../../../services/account/sign-up.ts';
import { useActionData } from '../../shell/action-data.ts';
import { cookieHeaders } from '../../shell/cookies.server.ts';
import { kept, text } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { EmailField, NewPasswordField, WorkspaceFields } from './fields.tsx';

export const meta: MetaFunction = () => [{ title: 'Sign up · Armature' }];

export const loader = publicLoader(async ({ ctx, session }) => {
  if (session) throw redirect('/');
  return { ...(await getSignUpState(ctx, {})), origin: ctx.deps.config.url };
});

export const action = publicAction(async ({ ctx, context, form }) => {
  const { visit } = context.get(requestContext);
  const [email, password] = [text(form, 'email'), text(form, 'password')];
  const { account } = await requestSignUp(ctx, {
    name: text(form, 'name'),
    email,
    password,
    organizationName: text(form, 'organizationName'),
    slug: text(form, 'slug'),
    setupCode: text(form, 'setupCode'),
    visit,
  });
  if (!account) throw redirect('/sign-in?signed-up=1');
  // Nobody else has an account yet, so this one can be signed in immediately.
  const { cookies } = await signIn(ctx, { visit, email, password });
  throw redirect(`/o/${account.slug}/servers/new`, { headers: cookieHeaders(cookies) });
});

export default function SignUp() {
  const { open, first, origin } = useLoaderData<typeof loader>();
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
        <ErrorSummary problem={problem} />
        {first ? (
          <TextField
            label="Setup code"
            name="setupCode"
            defaultValue={kept(answer?.values, 'setupCode')}
            autoComplete="off"
            required
            hint="The api writes it to its log when it starts."
            problem={fieldProblem(problem, 'setupCode')}
          />
        ) : null}
        <TextField
          label="Your name"
          name="name"
          defaultValue={kept(answer?.values, 'name')}
          autoComplete="name"
          required
          problem={fieldProblem(problem, 'name')}
        />
        <EmailField email={kept(answer?.values, 'email')} problem={problem} />
        <NewPasswordField label="Password" problem={problem} />
        <WorkspaceFields name="organizationName" origin={origin} values={answer?.values} problem={problem} />
        <Button variant="primary" className="w-full" disabled={busy}>
          {busy ? 'Creating the workspace …' : 'Create workspace'}
        </Button>
      </Form>
    </Welcome>
  );
}
