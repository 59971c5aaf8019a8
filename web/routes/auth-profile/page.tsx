import { Form, type MetaFunction, redirect, useLoaderData } from 'react-router';
import { isArmatureError } from '../../../domain/error/error.ts';
import { atLeast } from '../../../domain/role/role.ts';
import { archiveAuthProfile } from '../../../services/auth-profile/archive.ts';
import { editAuthProfile } from '../../../services/auth-profile/edit.ts';
import { confirmIssuer } from '../../../services/auth-profile/sign-in/confirm-issuer.ts';
import { getSignIn } from '../../../services/auth-profile/sign-in/get.ts';
import { signOutProfile } from '../../../services/auth-profile/sign-in/sign-out.ts';
import { startSignIn } from '../../../services/auth-profile/sign-in/start.ts';
import { probeSavedServer } from '../../../services/server/probe-saved.ts';
import { getServer } from '../../../services/server/reading/get.ts';
import { toProbeView } from '../../../services/server/view.ts';
import { useActionData } from '../../shell/action-data.ts';
import { text } from '../../shell/form.ts';
import { useLive } from '../../shell/live/live.tsx';
import { pageNotFound } from '../../shell/problem.ts';
import { query } from '../../shell/query.ts';
import { type Member, memberAction, memberLoader } from '../../shell/route.server.ts';
import { Button } from '../../ui/base/button.tsx';
import { Card } from '../../ui/base/card.tsx';
import { CodeBlock } from '../../ui/base/code-block.tsx';
import { DescriptionList } from '../../ui/base/description-list.tsx';
import { Notice } from '../../ui/base/notice.tsx';
import { StateLabel } from '../../ui/base/status-chip.tsx';
import { Time } from '../../ui/base/time.tsx';
import { ErrorSummary } from '../../ui/form/error-summary.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { ConfirmDialog } from '../../ui/overlay/confirm-dialog.tsx';
import { LeaveTo } from '../../ui/page/leave-to.tsx';
import { PageHeader } from '../../ui/page/page-header.tsx';
import { ProbeResult } from '../servers/probe/probe-result.tsx';
import { OAuthFields } from './settings-fields.tsx';
import { parseOAuth } from './settings-values.ts';
import { SignInTrace } from './trace.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.profile.name ?? 'Auth profile'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org, url, path }) => {
  const { serverId = '', authProfileId = '' } = params;
  const [{ server, authProfiles }, signIn] = await Promise.all([
    getServer(ctx, { serverId }),
    getSignIn(ctx, { authProfileId }),
  ]);
  const profile = authProfiles.find(({ id }) => id === authProfileId);
  if (!profile) throw pageNotFound();
  const { signed } = query(url, ['signed']);
  const links = { servers: path('servers'), server: path(`servers/${serverId}`) };
  const { name } = server;
  return { server: { name }, profile, signIn, outcome: signed ?? null, mayEdit: atLeast(org.role, 'admin'), links };
});

export const action = memberAction(async ({ ctx, form, params, path, session }) => {
  const { serverId = '', authProfileId = '' } = params;
  switch (text(form, 'intent')) {
    case 'sign-in':
      return beginSignIn(ctx, authProfileId, session.id);
    case 'confirm-issuer':
      await confirmIssuer(ctx, { authProfileId, issuer: text(form, 'issuer') });
      return beginSignIn(ctx, authProfileId, session.id);
    case 'sign-out':
      await signOutProfile(ctx, { authProfileId });
      return { done: 'The tokens are deleted.' };
    case 'probe':
      return { probe: toProbeView((await probeSavedServer(ctx, { serverId, authProfileId })).probe) };
    case 'delete':
      await archiveAuthProfile(ctx, { authProfileId });
      throw redirect(path(`servers/${serverId}`));
    default:
      await editAuthProfile(ctx, { authProfileId, name: text(form, 'name'), auth: parseOAuth(form) });
      return { done: 'The auth profile was saved.' };
  }
});

/** @returns the address to continue at, or the authorization server that has to be confirmed first */
async function beginSignIn(ctx: Member['ctx'], authProfileId: string, session: string) {
  const { settings } = await getSignIn(ctx, { authProfileId });
  try {
    const { url } = await startSignIn(ctx, { authProfileId, session });
    return { continueAt: url };
  } catch (error) {
    const issuer = isArmatureError(error) ? error.details.issuer : undefined;
    if (typeof issuer !== 'string' || issuer === settings.issuer) throw error;
    return { question: { issuer, message: isArmatureError(error) ? error.message : '' } };
  }
}

const states = { signed_out: 'Not signed in', signed_in: 'Signed in', ended: 'Sign-in ended' } as const;

export default function AuthProfilePage() {
  const { server, profile, signIn, outcome, mayEdit, links } = useLoaderData<typeof loader>();
  useLive(['server']);
  const answer = useActionData<typeof action>();
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const continueAt = answer && 'continueAt' in answer ? answer.continueAt : undefined;
  const isPerson = profile.kind === 'oauth_authorization_code';
  const isAsked = continueAt !== undefined || (answer !== undefined && 'question' in answer);
  const lastProblem = signIn.problem ?? signIn.traces[0]?.problem ?? null;
  return (
    <>
      <PageHeader
        trail={[
          { to: links.servers, text: 'Servers' },
          { to: links.server, text: server.name },
        ]}
        title={profile.name}
        status={<StateLabel>{states[signIn.state]}</StateLabel>}
        note={isPerson ? 'OAuth, signed in by a person' : 'OAuth with client credentials'}
        actions={
          mayEdit ? (
            <Form method="post" className="flex flex-wrap gap-2">
              {isPerson ? (
                <Button variant="primary" name="intent" value="sign-in">
                  {signIn.state === 'signed_out' ? 'Sign in' : 'Sign in again'}
                </Button>
              ) : null}
              <Button name="intent" value="probe">
                Test connection
              </Button>
            </Form>
          ) : null
        }
      />
      <div className="space-y-6">
        <ErrorSummary problem={problem} />
        {answer && 'done' in answer ? <Notice tone="good" alert title={answer.done} /> : null}
        {answer && 'question' in answer && answer.question ? <ConfirmIssuer {...answer.question} /> : null}
        {continueAt ? (
          <LeaveTo
            url={continueAt}
            title={`Continue at ${new URL(continueAt).host}`}
            label={`Sign in at ${new URL(continueAt).host}`}
          />
        ) : null}
        {outcome === 'in' && signIn.state === 'signed_in' ? <Notice tone="good" alert title="Signed in." /> : null}
        {signIn.state !== 'signed_in' && lastProblem && !isAsked ? (
          <Notice tone="bad" alert={outcome === 'failed'} title={lastProblem.message}>
            {lastProblem.remediation}
          </Notice>
        ) : null}
        {signIn.neededScope ? (
          <Notice tone="warning" title="The server asks for more scopes than were granted.">
            Sign in again to grant {signIn.neededScope}.
          </Notice>
        ) : null}
        {answer && 'probe' in answer && answer.probe ? <ProbeResult probe={answer.probe} /> : null}
        <Card title="Sign-in">
          <DescriptionList facts={toFacts(signIn)} />
          {mayEdit && signIn.state === 'signed_in' ? (
            <Form method="post" className="mt-4">
              <Button name="intent" value="sign-out">
                Sign out
              </Button>
            </Form>
          ) : null}
        </Card>
        {signIn.publicKey ? (
          <Card title="Public key">
            <p className="mb-3 text-muted">Enter it at the authorization server, as the key of the client.</p>
            <CodeBlock label="Public key">{JSON.stringify({ keys: [signIn.publicKey] }, null, 2)}</CodeBlock>
          </Card>
        ) : null}
        {signIn.traces.length > 0 ? (
          <Card flush title="Trace of the latest sign-ins">
            <div className="divide-y divide-line">
              {signIn.traces.map((trace, index) => (
                <SignInTrace key={trace.id} trace={trace} open={index === 0 && trace.outcome === 'failed'} />
              ))}
            </div>
          </Card>
        ) : null}
        {mayEdit ? (
          <Card title="Settings">
            <Form method="post" className="max-w-xl space-y-4">
              <TextField label="Name" name="name" defaultValue={profile.name} required />
              <OAuthFields kind={profile.kind} settings={signIn.settings} problem={problem} />
              <p className="text-sm text-muted">Other settings than the name need another sign-in.</p>
              <Button name="intent" value="save">
                Save profile
              </Button>
            </Form>
            {profile.isDefault ? null : (
              <div className="mt-4">
                <ConfirmDialog
                  trigger={{ text: 'Delete profile' }}
                  title="Delete this auth profile?"
                  confirm="Delete profile"
                  fields={{ intent: 'delete' }}
                >
                  Its tokens and its client are deleted. What uses it fails until it has another profile.
                </ConfirmDialog>
              </div>
            )}
          </Card>
        ) : null}
      </div>
    </>
  );
}

function ConfirmIssuer({ issuer, message }: { issuer: string; message: string }) {
  return (
    <Notice tone="warning" alert title={message}>
      <Form method="post" className="mt-2 space-y-2">
        <p>If {issuer} is the right authorization server, use it and sign in there.</p>
        <input type="hidden" name="issuer" value={issuer} />
        <Button name="intent" value="confirm-issuer">
          Use this authorization server
        </Button>
      </Form>
    </Notice>
  );
}

type SignIn = Awaited<ReturnType<typeof loader>>['signIn'];

const toFacts = ({ actsAs, issuer, scope, signedInAt, tokenExpiresAt, endsAt, redirectUri }: SignIn) => [
  { term: 'Acts as', value: actsAs ?? 'The authorization server doesn’t say' },
  { term: 'Authorization server', value: <span className="break-all">{issuer ?? 'Not known yet'}</span> },
  { term: 'Scopes', value: <span className="break-words">{scope || 'None'}</span> },
  { term: 'Signed in', value: signedInAt ? <Time at={signedInAt} relative /> : 'Never' },
  { term: 'Token expires', value: tokenExpiresAt ? <Time at={tokenExpiresAt} relative /> : 'Unknown' },
  { term: 'Sign in again by', value: endsAt ? <Time at={endsAt} /> : 'No known end' },
  { term: 'Redirect address', value: <span className="break-all">{redirectUri}</span> },
];
