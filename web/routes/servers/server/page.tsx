import { Server } from 'lucide-react';
import type { ReactNode } from 'react';
import { Form, type MetaFunction, Outlet, redirect, useLoaderData, useNavigation, useParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { syncServer } from '../../../../services/catalog/sync.ts';
import { archiveServer } from '../../../../services/server/archive.ts';
import { probeSavedServer } from '../../../../services/server/probe-saved.ts';
import { getServerSummary } from '../../../../services/server/reading/summary.ts';
import { toFailureView } from '../../../../services/server/view.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { MaintenanceBadge } from '../../../ui/base/badge.tsx';
import { Button, LinkButton, TextLink } from '../../../ui/base/button.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Time } from '../../../ui/base/time.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { menuItemClass } from '../../../ui/overlay/menu.tsx';
import { Link } from '../../../ui/page/link.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { DeleteServer } from './delete.tsx';
import { ServerStatus } from './status.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.server.name ?? 'Server'} · Armature` },
];

export const loader = memberLoader(async ({ ctx, params, org }) => {
  const { server, ...summary } = await getServerSummary(ctx, { serverId: params.serverId ?? '' });
  const { probeError, ...shown } = server;
  const isDeleted = server.archivedAt !== null;
  return {
    ...summary,
    server: shown,
    failure: toFailureView(probeError),
    isDeleted,
    mayConfigure: atLeast(org.role, 'admin') && !isDeleted,
    mayTest: atLeast(org.role, 'editor') && !isDeleted,
  };
});

export const action = memberAction(async ({ ctx, form, params, path }) => {
  const serverId = params.serverId ?? '';
  switch (text(form, 'intent')) {
    case 'sync': {
      const { toolCount, changes } = await syncServer(ctx, { serverId });
      return { synced: { toolCount, changeCount: changes.length } };
    }
    case 'probe': {
      const { probe } = await probeSavedServer(ctx, { serverId });
      return { probed: { latencyMs: probe.latencyMs, failure: probe.ok ? null : probe.failure.message } };
    }
    case 'delete': {
      const { server } = await getServerSummary(ctx, { serverId });
      if (text(form, 'confirm') !== server.name) throw notConfirmed(server.name);
      await archiveServer(ctx, { serverId });
      throw redirect(path('servers'));
    }
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

const notConfirmed = (name: string): ArmatureError =>
  new ArmatureError(
    'validation_failed',
    'The server was not deleted: the typed name is another one.',
    `Type exactly: ${name}`,
  );

export type ServerPageData = ReturnType<typeof useLoaderData<typeof loader>>;

/** What the tabs get of their frame. `remove`: a button that deletes the server. */
export type ServerContext = { found: ServerPageData; base: string; url: string; remove: ReactNode };

export default function ServerPage() {
  const found = useLoaderData<typeof loader>();
  const { server, isDeleted, isInMaintenance, mayConfigure, mayTest } = found;
  const answer = useActionData<typeof action>();
  const base = `/o/${useParams().org}`;
  const url = `${base}/servers/${server.id}`;
  useLive(['server'], { id: server.id });
  useLive(['incident']);
  return (
    <>
      <PageHeader
        title={server.name}
        icon={<Server className="size-5" />}
        status={
          <>
            <span aria-live="polite">
              <ServerStatus server={server} />
            </span>
            {isInMaintenance && !isDeleted ? <MaintenanceBadge /> : null}
          </>
        }
        note={<Meta server={server} />}
        trail={[{ to: `${base}/servers`, text: 'Servers' }]}
        actions={
          mayTest ? (
            <>
              <LinkButton to={`${base}/monitors/new?server=${server.id}`} variant="primary">
                Add monitors
              </LinkButton>
              {mayConfigure ? <Sync url={url} /> : null}
            </>
          ) : null
        }
        menu={mayTest ? <More found={found} base={base} url={url} /> : null}
        tabs={[
          { to: url, text: 'Overview' },
          { to: `${url}/tools`, text: 'Tools', count: found.toolCount },
          { to: `${url}/coverage`, text: 'Coverage' },
          { to: `${url}/report`, text: 'Report' },
          { to: `${url}/changes`, text: 'Changes', ...(found.openChangeCount > 0 && { count: found.openChangeCount }) },
          { to: `${url}/connection`, text: 'Connection' },
        ]}
      />
      <div className="space-y-6">
        {isDeleted ? (
          <Notice title="This server was deleted.">Its history stays readable. Its secrets were destroyed.</Notice>
        ) : null}
        {found.secretProblems.map((problem) => (
          <Notice key={problem} tone="bad" title={problem}>
            {mayConfigure ? <TextLink to={`${url}/edit`}>Enter them again</TextLink> : null}
          </Notice>
        ))}
        {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
        {answer && 'synced' in answer ? <Synced {...answer.synced} url={url} /> : null}
        {answer && 'probed' in answer ? <Probed {...answer.probed} /> : null}
        <Outlet
          context={{ found, base, url, remove: <DeleteServer found={found} url={url} /> } satisfies ServerContext}
        />
      </div>
    </>
  );
}

function Meta({ server }: { server: ServerPageData['server'] }) {
  return (
    <>
      <span className="font-mono text-xs [overflow-wrap:anywhere]" data-verbatim>
        {server.url}
      </span>
      {server.probedAt ? (
        <>
          {' '}
          · probed <Time at={server.probedAt} relative />
        </>
      ) : null}
    </>
  );
}

/** The button says what is happening until the answer is there. */
function useIntent(): string | null {
  const { state, formData } = useNavigation();
  const intent = state === 'idle' ? null : formData?.get('intent');
  return typeof intent === 'string' ? intent : null;
}

function Sync({ url }: { url: string }) {
  const intent = useIntent();
  return (
    <Form method="post" action={url}>
      <Button name="intent" value="sync" disabled={intent !== null}>
        {intent === 'sync' ? 'Syncing …' : 'Sync tools'}
      </Button>
    </Form>
  );
}

function Synced({ toolCount, changeCount, url }: { toolCount: number; changeCount: number; url: string }) {
  const format = useFormat();
  return (
    <Notice
      tone="good"
      alert
      title={`Synced ${format.count(toolCount, 'tool')}: ${changeCount === 0 ? 'nothing changed' : format.count(changeCount, 'change')}.`}
    >
      {changeCount > 0 ? <TextLink to={`${url}/changes`}>View changes</TextLink> : null}
    </Notice>
  );
}

/** In short: the overview has the rest. */
function Probed({ latencyMs, failure }: { latencyMs: number; failure: string | null }) {
  const format = useFormat();
  return (
    <Notice
      tone={failure === null ? 'good' : 'bad'}
      alert
      title={failure ?? `The server answered in ${format.duration(latencyMs)}.`}
    />
  );
}

function More({ found, base, url }: { found: ServerPageData; base: string; url: string }) {
  const { server, mayConfigure } = found;
  return (
    <>
      <Link to={`${base}/workflows/new?server=${server.id}`} className={menuItemClass}>
        New workflow
      </Link>
      {mayConfigure ? (
        <>
          <Form method="post" action={url}>
            <Button unstyled={menuItemClass} name="intent" value="probe">
              Probe now
            </Button>
          </Form>
          <DeleteServer found={found} url={url} isInMenu />
        </>
      ) : null}
    </>
  );
}
