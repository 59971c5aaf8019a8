import type { ReactNode } from 'react';
import { type MetaFunction, useLoaderData, useOutletContext, useSearchParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { archiveAuthProfile } from '../../../../services/auth-profile/archive.ts';
import { editAuthProfile } from '../../../../services/auth-profile/edit.ts';
import { probeSavedServer } from '../../../../services/server/probe-saved.ts';
import { getServerConnection } from '../../../../services/server/reading/connection.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { DescriptionList } from '../../../ui/base/description-list.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { OAuthProfiles } from '../../auth-profile/links.tsx';
import { authKindLabel } from '../connect/auth-kinds.ts';
import type { ServerContext } from '../server/page.tsx';
import { AuthProfiles } from './auth-profiles.tsx';
import { Probes } from './probes.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `Connection of ${loaderData?.name ?? 'a server'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params }) => {
  const { server, authProfiles, probes } = await getServerConnection(ctx, { serverId: params.serverId ?? '' });
  return {
    name: server.name,
    authProfiles: authProfiles.map((profile) => ({
      id: profile.id,
      name: profile.name,
      kind: profile.kind,
      isDefault: profile.isDefault,
      credential: authKindLabel(profile),
    })),
    probes,
  };
});

export const action = memberAction(async ({ ctx, form, params }) => {
  const serverId = params.serverId ?? '';
  const authProfileId = text(form, 'authProfileId');
  switch (text(form, 'intent')) {
    case 'probe': {
      const { probe } = await probeSavedServer(ctx, { serverId, authProfileId });
      return { probed: { latencyMs: probe.latencyMs, failure: probe.ok ? null : probe.failure } };
    }
    case 'make-default':
      await editAuthProfile(ctx, { authProfileId, isDefault: true });
      return { done: 'This auth profile is the default now.' };
    case 'delete': {
      const { workflows, monitors } = await archiveAuthProfile(ctx, { authProfileId });
      const users = [...workflows, ...monitors].map(({ name }) => name).join(', ');
      return {
        done: users
          ? `The auth profile was deleted. These need another one now: ${users}.`
          : 'The auth profile was deleted.',
      };
    }
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

const doneLabels: { [done: string]: string } = {
  saved: 'The connection was saved.',
  added: 'The auth profile was added.',
  profile: 'The auth profile was saved.',
};

export default function Connection() {
  const { authProfiles, probes } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const format = useFormat();
  const [search] = useSearchParams();
  const at = useOutletContext<ServerContext>();
  const { mayConfigure, mayTest } = at.found;
  const done = answer && 'done' in answer ? answer.done : answer ? undefined : doneLabels[search.get('done') ?? ''];
  return (
    <>
      {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
      {done ? <Notice tone="good" alert title={done} /> : null}
      {answer && 'probed' in answer ? (
        <Notice
          tone={answer.probed.failure ? 'bad' : 'good'}
          alert
          title={
            answer.probed.failure?.message ?? `The server answered in ${format.duration(answer.probed.latencyMs)}.`
          }
        >
          {answer.probed.failure?.remediation}
        </Notice>
      ) : null}
      <Endpoint at={at} />
      <AuthProfiles profiles={authProfiles} edit={mayConfigure ? `${at.url}/edit` : null} />
      <OAuthProfiles profiles={authProfiles} base={at.url} mayEdit={mayConfigure} />
      <Probes probes={probes} />
      {mayTest ? (
        <Action
          title="Maintenance windows"
          text="During a window failures raise no alert, and checks don't count in the uptime."
        >
          <LinkButton to={`${at.url}/maintenance`}>Plan maintenance</LinkButton>
        </Action>
      ) : null}
      {mayConfigure ? (
        <Action
          title="Delete server"
          text="Credentials are destroyed, and its monitors and workflows stop. The history stays readable."
        >
          {at.remove}
        </Action>
      ) : null}
    </>
  );
}

function Action({ title, text, children }: { title: string; text: string; children: ReactNode }) {
  return (
    <section className="flex flex-wrap items-center justify-between gap-3">
      <div className="min-w-0 flex-1 basis-64">
        <h2 className="font-semibold text-sm">{title}</h2>
        <p className="text-muted">{text}</p>
      </div>
      {children}
    </section>
  );
}

function Endpoint({ at: { found, url } }: { at: ServerContext }) {
  const format = useFormat();
  const { server, mayConfigure } = found;
  const wide = (text: string) => (
    <span className="[overflow-wrap:anywhere]" data-verbatim>
      {text}
    </span>
  );
  return (
    <Card title="Endpoint" aside={mayConfigure ? <LinkButton to={`${url}/edit`}>Edit</LinkButton> : null}>
      <p className="mb-4 font-mono text-code">{wide(server.url)}</p>
      <DescriptionList
        facts={[
          { term: 'Transport', value: server.transport === 'sse' ? 'SSE' : 'Streamable HTTP' },
          { term: 'Extra headers', value: wide(server.headerNames.join(', ') || 'None') },
          { term: 'Query values', value: wide(server.queryNames.join(', ') || 'None') },
          { term: 'Concurrent calls', value: `At most ${format.number(server.maxConcurrency)}` },
          {
            term: 'Sync of tools',
            value:
              server.syncEveryMinutes === 0
                ? 'Only manual'
                : `Every ${format.duration(server.syncEveryMinutes * 60_000)}`,
          },
        ]}
      />
    </Card>
  );
}
