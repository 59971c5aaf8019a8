import { Form, type MetaFunction, useLoaderData, useNavigation, useOutletContext } from 'react-router';
import { atLeast } from '../../../../domain/role/role.ts';
import { getToolChanges } from '../../../../services/catalog/tool-changes.ts';
import { acceptIncident } from '../../../../services/incident/accept.ts';
import { listIncidents } from '../../../../services/incident/list.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text } from '../../../shell/form.ts';
import { query } from '../../../shell/query.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button } from '../../../ui/base/button.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import type { ServerContext } from '../server/page.tsx';
import { Timeline } from './timeline.tsx';
import { readToolDiff } from './tool-diff.server.ts';

export const meta: MetaFunction = () => [{ title: 'Tool changes · Armature' }];

const maxOpen = 200;

export const loader = memberLoader(async ({ ctx, params, org, url }) => {
  const serverId = params.serverId ?? '';
  const { cursor } = query(url, ['cursor']);
  const [history, open] = await Promise.all([
    getToolChanges(ctx, { serverId, ...(cursor && { cursor }), limit: 25 }),
    listIncidents(ctx, { serverId, kind: 'tool_change', state: 'open', limit: maxOpen }),
  ]);
  return {
    changes: history.changes.map(({ words: _, ...change }) => ({ ...change, diff: readToolDiff(change.diff) })),
    nextCursor: history.nextCursor,
    isFirstPage: !cursor,
    open: open.incidents.flatMap(({ id, subject: { tool } }) => (tool === null ? [] : [{ id, tool }])),
    mayAccept: atLeast(org.role, 'editor'),
  };
});

export const action = memberAction(async ({ ctx, form, params }) => {
  const incidentId = text(form, 'incidentId');
  const ids = incidentId
    ? [incidentId]
    : (
        await listIncidents(ctx, {
          serverId: params.serverId ?? '',
          kind: 'tool_change',
          state: 'open',
          limit: maxOpen,
        })
      ).incidents.map(({ id }) => id);
  for (const id of ids) await acceptIncident(ctx, { incidentId: id });
  return { accepted: ids.length };
});

export default function Changes() {
  const { changes, nextCursor, isFirstPage, open, mayAccept } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const format = useFormat();
  const busy = useNavigation().state !== 'idle';
  const at = useOutletContext<ServerContext>();
  const mayAct = mayAccept && !at.found.isDeleted;
  return (
    <>
      {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
      {answer && 'accepted' in answer ? (
        <Notice
          tone="good"
          alert
          title={`Accepted ${answer.accepted === 1 ? 'the change' : format.count(answer.accepted, 'change')}. Later changes are compared with the tools as they are now.`}
        />
      ) : null}
      {open.length > 0 ? (
        <div className="flex flex-wrap items-center justify-between gap-3 rounded-md border border-fail/40 bg-fail-soft px-4 py-3">
          <p className="min-w-0 flex-1 basis-64">
            <span className="font-semibold text-fail">
              {format.count(open.length, 'tool has', 'tools have')} a breaking change that nobody has accepted.
            </span>{' '}
            Accepting makes the tool's current form the normal one and closes its incident.
          </p>
          {mayAct ? (
            <Form method="post">
              <Button disabled={busy}>{open.length === 1 ? 'Accept' : 'Accept all'}</Button>
            </Form>
          ) : null}
        </div>
      ) : null}
      {changes.length === 0 ? (
        <EmptyState title={isFirstPage ? 'No changes yet' : 'No older changes'}>
          {isFirstPage
            ? 'When a sync finds that a tool was added, removed or changed, it is listed here with the workflows and monitors that use it.'
            : 'This is the end of the history.'}
        </EmptyState>
      ) : (
        <Timeline changes={changes} open={open} base={at.base} url={at.url} mayAccept={mayAct} />
      )}
      <Pager nextCursor={nextCursor} />
    </>
  );
}
