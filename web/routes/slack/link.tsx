import { Form, type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { ArmatureError } from '../../../domain/error/error.ts';
import type { Session } from '../../../services/account/session.ts';
import type { Context } from '../../../services/context/context.ts';
import { linkSlackUser } from '../../../services/destination/slack/link.ts';
import { readSlackLink } from '../../../services/destination/slack/read-link.ts';
import { useActionData } from '../../shell/action-data.ts';
import { ErrorPage } from '../../shell/errors/error-page.tsx';
import { text } from '../../shell/form.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Code } from '../../ui/base/text.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';

export const meta: MetaFunction = () => [{ title: 'Link Slack · Armature' }];

type Organization = Session['organizations'][number];

const asMember = (ctx: Context, session: Session, org: Organization): Context => ({
  ...ctx,
  actor: { kind: 'member', id: session.user.id, orgId: org.id, role: org.role },
});

/** The token is in the query, which isn't logged. */
export const loader = publicLoader(async ({ ctx, session, url }) => {
  if (!session) throw redirect(`/sign-in?to=${encodeURIComponent(url.pathname + url.search)}`);
  const done = session.organizations.find(({ slug }) => slug === url.searchParams.get('linked'));
  if (done) return { linked: { slug: done.slug, name: done.name } };
  const token = url.searchParams.get('token') ?? '';
  if (!/^[A-Za-z0-9_-]{43}$/.test(token))
    throw new ArmatureError(
      'resource_not_found',
      'The link is incomplete.',
      'Open the link from Slack again, or get a new one with /armature link.',
    );
  const offers = await Promise.all(
    session.organizations.map(async (org) => ({
      org: { slug: org.slug, name: org.name, role: org.role },
      offer: await readSlackLink(asMember(ctx, session, org), { token }),
    })),
  );
  const [first, ...others] = offers.flatMap(({ org, offer }) => (offer ? [{ org, offer }] : []));
  if (!first)
    throw new ArmatureError(
      'organization_not_found',
      "This link can't be used with your account: no workspace of yours that it is for is connected to that Slack workspace.",
      'An admin can connect it in the settings; then get a new link with /armature link.',
    );
  return { linked: null, user: session.user, first, others };
});

export const action = publicAction(async ({ ctx, session, url, form }) => {
  if (!session) throw redirect(`/sign-in?to=${encodeURIComponent(url.pathname + url.search)}`);
  const org = session.organizations.find(({ slug }) => slug === text(form, 'org'));
  if (!org)
    throw new ArmatureError(
      'organization_not_found',
      'There is no such workspace, or you are not a member of it.',
      'Choose one of yours.',
    );
  await linkSlackUser(asMember(ctx, session, org), { token: url.searchParams.get('token') ?? '' });
  // The link is used up, so its page no longer exists.
  throw redirect(`/slack/link?linked=${org.slug}`);
});

export default function LinkSlack() {
  const found = useLoaderData<typeof loader>();
  return found.linked ? <Linked {...found.linked} /> : <Confirm {...found} />;
}

function Linked({ slug, name }: { slug: string; name: string }) {
  return (
    <Welcome title="Slack is linked" note={`In Slack you now act in ${name} with your role there.`}>
      <p>
        Go back to Slack: <Code>/armature help</Code> lists the commands. Or go to{' '}
        <TextLink to={`/o/${slug}/workflows`}>{name}</TextLink>.
      </p>
    </Welcome>
  );
}

type Offers = Extract<Awaited<ReturnType<typeof loader>>, { linked: null }>;

function Confirm({ user, first, others }: Pick<Offers, 'user' | 'first' | 'others'>) {
  const answer = useActionData<typeof action>();
  const busy = useNavigation().state !== 'idle';
  const { teamName, slackUserId } = first.offer;
  return (
    <Welcome title="Link Slack" note={`Slack workspace ${teamName}`}>
      <Form method="post" className="space-y-4">
        <ErrorSummary problem={answer?.problem} />
        <Notice tone="warning" title="Did you request this link in Slack yourself?">
          Whoever uses the Slack account <Code>{slackUserId}</Code> will act in Armature as you, {user.name} (
          {user.email}
          ). If somebody sent you this link, close this page.
        </Notice>
        <fieldset className="space-y-2">
          <legend className="font-medium">Act in</legend>
          {[first, ...others].map(({ org, offer }, index) => (
            <label key={org.slug} className="flex items-start gap-2">
              <input type="radio" name="org" value={org.slug} defaultChecked={index === 0} className="mt-1" />
              <span>
                {org.name}, as {org.role}
                {offer.linkedTo === 'another member' ? (
                  <span className="block text-muted">It is linked to another member. Linking replaces that.</span>
                ) : null}
                {offer.linkedTo === 'you' ? (
                  <span className="block text-muted">It is already linked to you.</span>
                ) : null}
              </span>
            </label>
          ))}
        </fieldset>
        <Button variant="primary" className="w-full" disabled={busy}>
          {busy ? 'Linking …' : 'Yes, this Slack account is mine'}
        </Button>
      </Form>
    </Welcome>
  );
}

export function ErrorBoundary() {
  return (
    <main className="mx-auto grid min-h-screen max-w-xl place-content-center p-6">
      <ErrorPage />
    </main>
  );
}
