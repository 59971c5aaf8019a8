import { randomUUID } from 'node:crypto';
import { Plus } from 'lucide-react';
import { type MetaFunction, useLoaderData, useParams, useSearchParams } from 'react-router';
import { atLeast } from '../../../../domain/role/role.ts';
import { shownStatuses } from '../../../../domain/run/run.ts';
import { listFilters } from '../../../../services/run/reading/filters.ts';
import { listWorkflowsWithRuns } from '../../../../services/workflow/reading/list-with-runs.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { id, pickOne, query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Button, LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { statusLooks } from '../../../ui/base/status-chip.tsx';
import { BulkForm } from '../../../ui/data/bulk-form.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { TextField } from '../../../ui/form/field.tsx';
import { FilterBar } from '../../../ui/form/filter-bar.tsx';
import { Menu } from '../../../ui/overlay/menu.tsx';
import { Toast } from '../../../ui/overlay/toast.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { actOnWorkflows } from './bulk.server.ts';
import { WorkflowTable } from './table.tsx';

export const meta: MetaFunction = () => [{ title: 'Workflows · Armature' }];

const states = ['active', 'paused', 'archived'] as const;

export const loader = memberLoader(async ({ ctx, url, org }) => {
  const asked = query(url, ['server', 'tag', 'state', 'status', 'search', 'cursor']);
  const serverId = id(asked.server);
  const state = pickOne(asked.state, states);
  const status = pickOne(asked.status, shownStatuses);
  const [list, { servers }] = await Promise.all([
    listWorkflowsWithRuns(ctx, {
      ...(serverId && { serverId }),
      ...(asked.tag && { tag: asked.tag.slice(0, 100) }),
      ...(state && { state }),
      ...(status && { status }),
      ...(asked.search && { search: asked.search.slice(0, 200) }),
      ...(asked.cursor && { cursor: asked.cursor }),
      limit: 25,
    }),
    listFilters(ctx, { ...(serverId && { serverId }) }),
  ]);
  // A CHECK constraint guarantees the value.
  const toStatus = (value: string) => pickOne(value, shownStatuses) ?? ('pending' as const);
  return {
    ...list,
    workflows: list.workflows.map(({ lastRun, runs, ...workflow }) => ({
      ...workflow,
      runs: runs.map((run) => ({ id: run.id, status: toStatus(run.status) })),
      lastRun: lastRun && {
        status: toStatus(lastRun.status),
        flagged: lastRun.flagged,
        createdAt: lastRun.createdAt,
      },
    })),
    servers,
    mayEdit: atLeast(org.role, 'editor'),
    /** Key of the next "Run now", so that a double click is one dispatch. */
    idempotencyKey: randomUUID(),
  };
});

export const action = memberAction(({ ctx, form }) => actOnWorkflows(ctx, form));

type Data = ReturnType<typeof useLoaderData<typeof loader>>;

export default function Workflows() {
  const data = useLoaderData<typeof loader>();
  const { workflows, servers, nextCursor, mayEdit } = data;
  useLive(['workflow', 'run']);
  const answer = useActionData<typeof action>();
  const [search] = useSearchParams();
  const isFiltered = [...search].some(([name, value]) => name !== 'cursor' && value !== '');
  const create =
    mayEdit && servers.length > 0 ? (
      <LinkButton to="new" variant="primary">
        <Plus aria-hidden="true" className="size-4" /> New workflow
      </LinkButton>
    ) : null;
  const table = <WorkflowTable workflows={workflows} isSelectable={mayEdit} />;
  return (
    <>
      <PageHeader
        title="Workflows"
        note="Scheduled tests: an agent works on a prompt, and each criterion is graded."
        actions={workflows.length > 0 || isFiltered ? create : null}
      />
      <div className="mb-4 space-y-4 empty:hidden">
        {answer && 'problem' in answer ? <ErrorSummary problem={answer.problem} /> : null}
        {answer && 'failures' in answer && answer.failures.length > 0 ? (
          <Notice tone="bad" alert title="Not everything could be done">
            {answer.failures.join(' ')}
          </Notice>
        ) : null}
      </div>
      {workflows.length > 0 || isFiltered ? <Filters {...data} /> : null}
      {workflows.length > 0 ? (
        <Card flush>
          {mayEdit ? (
            <BulkForm
              noun="workflow"
              answer={answer}
              actions={<Actions {...data} isArchive={search.get('state') === 'archived'} />}
            >
              {table}
            </BulkForm>
          ) : (
            table
          )}
        </Card>
      ) : (
        <Nothing isFiltered={isFiltered} hasServer={servers.length > 0} create={create} />
      )}
      <Pager nextCursor={nextCursor} />
      {answer && 'done' in answer && answer.done ? (
        <Toast key={answer.at} message={answer.done} {...(answer.undo && { undo: { fields: answer.undo } })} />
      ) : null}
    </>
  );
}

function Filters({ servers, tags }: Data) {
  return (
    <FilterBar
      filters={[
        { kind: 'search', name: 'search', label: 'Search', placeholder: 'Name or description' },
        {
          kind: 'choice',
          name: 'server',
          label: 'Server',
          options: servers.map(({ id, name }) => ({ value: id, text: name })),
        },
        {
          kind: 'select',
          name: 'status',
          label: 'Last run',
          options: shownStatuses.map((status) => ({ value: status, text: statusLooks[status].text })),
        },
        {
          kind: 'select',
          name: 'state',
          label: 'State',
          options: [
            { value: 'active', text: 'Active' },
            { value: 'paused', text: 'Paused' },
            { value: 'archived', text: 'Archived' },
          ],
          any: 'Active and paused',
        },
        ...(tags.length > 0
          ? [
              {
                kind: 'choice' as const,
                name: 'tag',
                label: 'Tag',
                options: tags.map((tag) => ({ value: tag, text: tag })),
              },
            ]
          : []),
      ]}
    />
  );
}

function Actions({ tags, idempotencyKey, isArchive }: Data & { isArchive: boolean }) {
  if (isArchive)
    return (
      <Button variant="quiet" name="intent" value="unarchive">
        Restore
      </Button>
    );
  return (
    <>
      <input type="hidden" name="idempotencyKey" value={idempotencyKey} />
      {/* What Enter in the field of the tag presses: the first button of the form. */}
      <button type="submit" name="intent" value="tag" hidden tabIndex={-1}>
        Add tag
      </button>
      <Button variant="quiet" name="intent" value="run">
        Run now
      </Button>
      <Button variant="quiet" name="intent" value="pause">
        Pause
      </Button>
      <Button variant="quiet" name="intent" value="resume">
        Resume
      </Button>
      <Menu label="Tag …" isWord>
        <div className="w-64 space-y-3 p-2">
          <TextField
            label="Tag to add or remove"
            name="tag"
            list="known-tags"
            autoComplete="off"
            hint="Lower-case letters, digits, hyphens."
          />
          <datalist id="known-tags">
            {tags.map((tag) => (
              <option key={tag} value={tag} />
            ))}
          </datalist>
          <div className="flex gap-2">
            <Button name="intent" value="tag">
              Add tag
            </Button>
            <Button variant="quiet" name="intent" value="untag">
              Remove tag
            </Button>
          </div>
        </div>
      </Menu>
      <Button variant="quiet" name="intent" value="archive">
        Archive
      </Button>
    </>
  );
}

function Nothing({
  isFiltered,
  hasServer,
  create,
}: {
  isFiltered: boolean;
  hasServer: boolean;
  create: React.ReactNode;
}) {
  const base = `/o/${useParams().org}`;
  if (isFiltered)
    return (
      <EmptyState title="No workflows match your filters." action={<LinkButton to="?">Clear filters</LinkButton>}>
        Change the filters to see other workflows.
      </EmptyState>
    );
  if (hasServer)
    return (
      <EmptyState title="No workflows yet" action={create}>
        Write a prompt, set success criteria and choose a schedule.
      </EmptyState>
    );
  return (
    <EmptyState
      title="Connect a server first"
      action={
        <LinkButton to={`${base}/servers/new`} variant="primary">
          Connect a server
        </LinkButton>
      }
    >
      A workflow tests one MCP server. Connect yours, then write what an agent should be able to do with it.
    </EmptyState>
  );
}
