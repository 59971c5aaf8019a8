import { Form, type MetaFunction, redirect, useNavigation } from 'react-router';
import { changeEmail } from '../../../services/account/profile/change-email.ts';
import { useActionData } from '../../shell/action-data.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';

export const meta: MetaFunction = () => [{ title: 'Change your e-mail address · Armature' }];

export const loader = publicLoader(async ({ url }) => {
  if (!url.searchParams.has('token')) throw redirect('/profile');
  return null;
});

export const action = publicAction(async ({ ctx, url }) =>
  changeEmail(ctx, { token: url.searchParams.get('token') ?? '' }),
);

/** With a button, since mail programs open links on their own to check them. */
export default function ChangeEmail() {
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  return (
    <Welcome
      title="Change your e-mail address"
      note="You sign in with the new address from then on."
      foot={<TextLink to="/">Go to the home page</TextLink>}
    >
      {answer && 'email' in answer ? (
        <Notice tone="good" alert title={`Your account has the address ${answer.email} now.`} />
      ) : (
        <Form method="post" className="space-y-4">
          <ErrorSummary problem={answer?.problem} />
          <Button variant="primary" className="w-full" disabled={busy}>
            Use this address
          </Button>
        </Form>
      )}
    </Welcome>
  );
}
