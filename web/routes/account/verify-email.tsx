import { Form, type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { requestVerification, verifyEmail } from '../../../services/account/link/verify-email.ts';
import { useActionData } from '../../shell/action-data.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';

export const meta: MetaFunction = () => [{ title: 'Verify your e-mail address · Armature' }];

export const loader = publicLoader(async ({ session, url }) => {
  const hasToken = url.searchParams.has('token');
  if (!hasToken && !session) throw redirect('/sign-in?to=/verify-email');
  return { hasToken };
});

export const action = publicAction(async ({ ctx, context, session, url }) => {
  const token = url.searchParams.get('token');
  if (token !== null) return verifyEmail(ctx, { token });
  if (!session) throw redirect('/sign-in?to=/verify-email');
  return requestVerification(ctx, { visit: context.get(requestContext).visit });
});

/** With a button, since mail programs open links on their own to check them. */
export default function VerifyEmail() {
  const { hasToken } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const outcome = describeOutcome(answer);
  return (
    <Welcome
      title="Verify your e-mail address"
      note="Armature then accepts invitations to it."
      foot={<TextLink to="/">Go to the home page</TextLink>}
    >
      {outcome ? (
        <Notice tone="good" alert title={outcome} />
      ) : (
        <Form method="post" className="space-y-4">
          <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
          <Button variant="primary" className="w-full" disabled={busy}>
            {hasToken ? 'Verify address' : 'Send me a link'}
          </Button>
        </Form>
      )}
    </Welcome>
  );
}

function describeOutcome(answer: ReturnType<typeof useActionData<typeof action>>): string | null {
  if (answer && 'email' in answer) return `${answer.email} is verified.`;
  if (!answer || !('sent' in answer)) return null;
  return answer.sent
    ? 'A link was created. It arrives by e-mail or, without an e-mail provider, is in the log of the api.'
    : 'Your address is verified already.';
}
