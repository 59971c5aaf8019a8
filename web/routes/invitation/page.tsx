import { Form, type MetaFunction, redirect, useLoaderData, useNavigation } from 'react-router';
import { isArmatureError } from '../../../domain/error/error.ts';
import { signIn } from '../../../services/account/sign-in.ts';
import type { Context } from '../../../services/context/context.ts';
import {
  acceptInvitation,
  getInvitation,
  type InvitationOffer,
  joinByInvitation,
} from '../../../services/invitation/accept.ts';
import { useActionData } from '../../shell/action-data.ts';
import { cookieHeaders } from '../../shell/cookies.server.ts';
import { kept, text } from '../../shell/form.ts';
import { fieldProblem } from '../../shell/problem.ts';
import { requestContext } from '../../shell/request-context.ts';
import { publicAction, publicLoader } from '../../shell/route.server.ts';
import { Welcome } from '../../shell/welcome.tsx';
import { Button, TextLink } from '../../ui/base/button.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { Time } from '../../ui/base/time.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { EmailField, NewPasswordField } from '../account/fields.tsx';
import { roleNames, roleRights } from '../settings/role.ts';

export const meta: MetaFunction = () => [{ title: 'Invitation · Armature' }];

export const loader = publicLoader(async ({ ctx, session, url }) => {
  const token = url.searchParams.get('token') ?? '';
  return {
    offer: await readOffer(ctx, token),
    signedInAs: session?.user.email ?? null,
    signInPath: `/sign-in?to=${encodeURIComponent(`/invite?token=${token}`)}`,
  };
});

/** Null for an invitation that can't be used. */
async function readOffer(ctx: Context, token: string): Promise<InvitationOffer | null> {
  try {
    return await getInvitation(ctx, { token });
  } catch (error) {
    if (isArmatureError(error) && (error.code === 'invitation_invalid' || error.code === 'validation_failed'))
      return null;
    throw error;
  }
}

export const action = publicAction(async ({ ctx, context, form, session, url }) => {
  const { visit } = context.get(requestContext);
  const token = url.searchParams.get('token') ?? '';
  if (session) {
    const { slug } = await acceptInvitation(ctx, { visit, token });
    throw redirect(`/o/${slug}`);
  }
  const password = text(form, 'password');
  const email = text(form, 'email');
  const joined = await joinByInvitation(ctx, {
    visit,
    token,
    name: text(form, 'name'),
    password,
    ...(email && { email }),
  });
  const { cookies } = await signIn(ctx, { visit, email: joined.email, password });
  throw redirect(`/o/${joined.slug}`, { headers: cookieHeaders(cookies) });
});

export default function Invitation() {
  const { offer } = useLoaderData<typeof loader>();
  if (offer === null)
    return (
      <Welcome
        title="Invitation"
        note="This link no longer works."
        foot={<TextLink to="/">Go to the home page</TextLink>}
      >
        <Notice title="This invitation was used, revoked, or has expired.">
          Ask the person who invited you for another one.
        </Notice>
      </Welcome>
    );
  return <Offer offer={offer} />;
}

function Offer({ offer }: { offer: InvitationOffer }) {
  const { signedInAs, signInPath } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const isForOther = signedInAs !== null && offer.email !== null && offer.email !== signedInAs;
  return (
    <Welcome
      title={`Join ${offer.organization.name}`}
      note={`${offer.invitedBy} invites you as ${roleNames[offer.role]}.`}
      foot={
        signedInAs === null && !offer.hasAccount ? (
          <>
            Already have an account? <TextLink to={signInPath}>Sign in</TextLink>
          </>
        ) : null
      }
    >
      <div className="mb-4 space-y-1 text-sm text-muted">
        <p>{roleRights[offer.role]}</p>
        <p>
          The invitation expires <Time at={offer.expiresAt} relative />.
        </p>
      </div>
      {answer && 'problem' in answer ? (
        <div className="mb-4">
          <ErrorSummary problem={answer.problem} />
        </div>
      ) : null}
      {isForOther ? (
        <OtherPerson email={offer.email ?? ''} signedInAs={signedInAs} />
      ) : signedInAs === null ? (
        offer.hasAccount ? (
          <p>
            {offer.email} has an account. <TextLink to={signInPath}>Sign in to accept</TextLink>
          </p>
        ) : (
          <NewAccount email={offer.email} />
        )
      ) : (
        <Accept signedInAs={signedInAs} />
      )}
    </Welcome>
  );
}

function Accept({ signedInAs }: { signedInAs: string }) {
  const busy = useNavigation().state !== 'idle';
  return (
    <Form method="post" className="space-y-4">
      <p className="text-sm">You are signed in as {signedInAs}.</p>
      <Button variant="primary" className="w-full" disabled={busy}>
        Accept invitation
      </Button>
    </Form>
  );
}

function OtherPerson({ email, signedInAs }: { email: string; signedInAs: string }) {
  return (
    <>
      <Notice tone="warning" title={`This invitation is for ${email}.`}>
        You are signed in as {signedInAs}. Sign out, then open the link again.
      </Notice>
      <Form method="post" action="/sign-out" className="mt-4">
        <Button>Sign out</Button>
      </Form>
    </>
  );
}

function NewAccount({ email }: { email: string | null }) {
  const answer = useActionData<typeof action>();
  const problem = answer?.problem;
  const busy = useNavigation().state !== 'idle';
  return (
    <Form method="post" className="space-y-4" noValidate>
      <TextField
        label="Your name"
        name="name"
        defaultValue={kept(answer?.values, 'name')}
        autoComplete="name"
        required
        problem={fieldProblem(problem, 'name')}
      />
      {email === null ? (
        <EmailField email={kept(answer?.values, 'email')} problem={problem} />
      ) : (
        <TextField
          label="E-mail"
          value={email}
          readOnly
          autoComplete="username"
          problem={fieldProblem(problem, 'email')}
        />
      )}
      <NewPasswordField label="Password" problem={problem} />
      <Button variant="primary" className="w-full" disabled={busy}>
        Create account and join
      </Button>
    </Form>
  );
}
