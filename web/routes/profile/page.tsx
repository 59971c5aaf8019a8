import { Form, type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import { requestVerification } from '../../../services/account/link/verify-email.ts';
import { requestEmailChange } from '../../../services/account/profile/change-email.ts';
import { changePassword } from '../../../services/account/profile/change-password.ts';
import { getProfile, renamePerson } from '../../../services/account/profile/profile.ts';
import { endOtherSessions, endSession } from '../../../services/account/sessions/end.ts';
import { listSessions } from '../../../services/account/sessions/list.ts';
import { useActionData } from '../../shell/action-data.ts';
import { cookieHeaders } from '../../shell/cookies.server.ts';
import { kept, text } from '../../shell/form.ts';
import { Mark } from '../../shell/frame/mark.tsx';
import { localPath } from '../../shell/local-path.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { storeReader } from '../../shell/reader.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { roleNames } from '../settings/role.ts';
import { Appearance } from './appearance.tsx';
import { EmailCard, PasswordCard } from './credentials.tsx';
import { Sessions } from './sessions.tsx';

export const meta: MetaFunction = () => [{ title: 'Profile · Armature' }];

export const loader = publicLoader(async ({ ctx, context, session, url }) => {
  if (!session) throw redirect('/sign-in?to=/profile');
  const { visit } = context.get(requestContext);
  return {
    profile: await getProfile(ctx, { visit }),
    ...(await listSessions(ctx, { visit })),
    zones: Intl.supportedValuesOf('timeZone'),
    sendsEmail: ctx.deps.email.configured,
    isSaved: url.searchParams.has('saved'),
  };
});

export const action = publicAction(async ({ ctx, context, form, session }) => {
  if (!session) throw redirect('/sign-in?to=/profile');
  const { visit } = context.get(requestContext);
  const currentPassword = text(form, 'currentPassword');
  switch (form.get('intent')) {
    case 'name':
      await renamePerson(ctx, { visit, name: text(form, 'name') });
      return { done: 'Your name was changed.' };
    case 'appearance': {
      const cookies = storeReader({ zone: text(form, 'zone'), theme: text(form, 'theme') });
      throw redirect(localPath(text(form, 'to')) ?? '/profile?saved=1', { headers: cookieHeaders(cookies) });
    }
    case 'verify': {
      const { sent } = await requestVerification(ctx, { visit });
      return { done: sent ? 'A link to verify your address was created.' : 'Your address is verified already.' };
    }
    case 'email': {
      const { requested } = await requestEmailChange(ctx, { visit, email: text(form, 'email'), currentPassword });
      return { done: `Open the link that was created for ${requested}. Until then, your address stays as it is.` };
    }
    case 'password': {
      const { ended } = await changePassword(ctx, { visit, currentPassword, password: text(form, 'password') });
      const others = ended === 1 ? '1 other session was' : `${ended} other sessions were`;
      return { done: `Your password was changed.${ended > 0 ? ` ${others} ended.` : ''}` };
    }
    case 'end':
      await endSession(ctx, { visit, sessionId: text(form, 'sessionId') });
      return { done: 'The session was ended.' };
    case 'end-others':
      await endOtherSessions(ctx, { visit });
      return { done: 'All other sessions were ended.' };
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

export default function ProfilePage() {
  const { profile, isSaved } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  return (
    <main className="mx-auto max-w-2xl px-4 py-6">
      <TextLink to="/" className="mb-6 inline-flex min-h-11 items-center gap-2.5 font-semibold no-underline">
        <Mark />
        Armature
      </TextLink>
      <PageHeader title="Profile" note="Yours in every workspace." />
      <div className="space-y-6">
        <ErrorSummary problem={answer && 'problem' in answer ? answer.problem : undefined} />
        {answer && 'done' in answer ? <Notice tone="good" alert title={answer.done} /> : null}
        {isSaved && !answer ? <Notice tone="good" title="Saved for this browser." /> : null}
        <NameCard />
        <Appearance />
        <EmailCard />
        <PasswordCard />
        <Sessions />
        <Card title="Workspaces">
          {profile.workspaces.length > 0 ? (
            <ul className="space-y-2 text-sm">
              {profile.workspaces.map(({ slug, name, role }) => (
                <li key={slug} className="flex flex-wrap gap-x-2">
                  <TextLink to={`/o/${slug}`}>{name}</TextLink>
                  <span className="text-muted">{roleNames[role]}</span>
                </li>
              ))}
            </ul>
          ) : null}
          <p className="mt-3 text-sm">
            <TextLink to="/workspaces/new">Create a workspace</TextLink>
          </p>
        </Card>
      </div>
    </main>
  );
}

function NameCard() {
  const { profile } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state === 'submitting';
  const [problem, values] = answer && 'problem' in answer ? [answer.problem, answer.values] : [];
  return (
    <Card title="Name">
      <Form method="post" action="?" className="space-y-3" noValidate>
        <TextField
          label="Your name"
          name="name"
          autoComplete="name"
          required
          maxLength={100}
          defaultValue={kept(values, 'name', profile.name)}
          problem={fieldProblem(problem, 'name')}
        />
        <Button name="intent" value="name" disabled={busy}>
          Save name
        </Button>
      </Form>
    </Card>
  );
}
