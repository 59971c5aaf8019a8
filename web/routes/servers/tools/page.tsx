import { type MetaFunction, useLoaderData, useOutletContext, useSearchParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import { repeatabilities, setToolRepeatability } from '../../../../services/catalog/set-tool-repeatability.ts';
import { testCall } from '../../../../services/monitor/tool-call/test-call.ts';
import { getServerTool } from '../../../../services/server/reading/tool.ts';
import { listServerTools, toolFilters, toolSortKeys } from '../../../../services/server/reading/tools.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { text, toValues } from '../../../shell/form.ts';
import { useLive } from '../../../shell/live/live.tsx';
import { id, pickOne, query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { Card } from '../../../ui/base/card.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Pager } from '../../../ui/data/pager.tsx';
import { parseSort } from '../../../ui/data/sort.ts';
import { FilterBar } from '../../../ui/form/filter-bar.tsx';
import { parseArguments, placeInOne, withRows } from '../../monitors/editor/form.server.ts';
import { argumentsAs, parseRows } from '../../monitors/editor/values.ts';
import { errorKindLabels } from '../../monitors/labels.ts';
import type { ServerContext } from '../server/page.tsx';
import { toParameters } from './parameters.server.ts';
import { ToolTable } from './table.tsx';
import { ToolDrawer } from './tool-drawer.tsx';
import { Unusable } from './unusable.tsx';

export const meta: MetaFunction<typeof loader> = ({ loaderData }) => [
  { title: `${loaderData?.tool?.name ?? 'Tools'} · Armature` },
];

/** Prefix of the fields of a test call, as in the form of a monitor. */
const row = 'm0';

export const loader = memberLoader(async ({ ctx, params, url }) => {
  const serverId = params.serverId ?? '';
  const { search, show, sort, cursor, tool: name } = query(url, ['search', 'show', 'sort', 'cursor', 'tool']);
  const filter = pickOne(show, toolFilters);
  const order = parseSort(sort, toolSortKeys);
  const [list, tool] = await Promise.all([
    listServerTools(ctx, {
      serverId,
      ...(search && { search }),
      ...(filter && { filter }),
      ...(order && { sort: order }),
      page: Math.max(0, Math.trunc(Number(cursor) || 0)),
    }),
    name === undefined ? null : getServerTool(ctx, { serverId, tool: name }),
  ]);
  return { list, tool: tool && toShown(tool) };
});

function toShown({ changes, sampleArguments, parameters, ...tool }: Awaited<ReturnType<typeof getServerTool>>) {
  return {
    ...tool,
    changes: changes.map(({ id, words, breaking, seenAt }) => ({ id, words, breaking, seenAt })),
    parameters: toParameters(parameters.fields),
    isComplete: parameters.isComplete,
    arguments: argumentsAs(tool.inputSchema, sampleArguments),
  };
}
export type ShownTool = ReturnType<typeof toShown>;

export const action = memberAction(async ({ ctx, form, params }) => {
  const serverId = params.serverId ?? '';
  const tool = text(form, 'tool');
  switch (text(form, 'intent')) {
    case 'call': {
      const { inputSchema } = await getServerTool(ctx, { serverId, tool });
      const [given] = parseRows({ ...toValues(form), row: [row] });
      if (!given) throw noIntent();
      const [args = {}] = parseArguments([given], () => inputSchema);
      const authProfileId = id(text(form, 'authProfileId'));
      const result = await withRows(placeInOne(given), () =>
        testCall(ctx, { serverId, tool, arguments: args, ...(authProfileId && { authProfileId }) }),
      );
      const problem = result.errorKind && errorKindLabels(result.errorKind);
      return { tool, result: { ...result, problem } };
    }
    case 'repeatability':
      await setToolRepeatability(ctx, {
        serverId,
        tool,
        repeatability: pickOne(text(form, 'repeatability'), repeatabilities) ?? null,
      });
      return { tool, saved: true };
    default:
      throw noIntent();
  }
});

const noIntent = (): ArmatureError =>
  new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');

export type ToolAnswer = ReturnType<typeof useActionData<typeof action>>;

const filterLabels: { [filter in (typeof filterNames)[number]]: string } = {
  uncovered: 'Not covered by a workflow',
  unmonitored: 'Without a monitor',
  writing: 'Writing or destructive',
  warned: 'With warnings',
  removed: 'Removed',
};
const filterNames = ['uncovered', 'unmonitored', 'writing', 'warned', 'removed'] as const;

/** The same list, with another tool beside it or none. */
function withTool(search: URLSearchParams, tool: string | null): string {
  const next = new URLSearchParams(search);
  if (tool === null) next.delete('tool');
  else next.set('tool', tool);
  return `?${next}`;
}

export default function Tools() {
  const { list, tool } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const at = useOutletContext<ServerContext>();
  const [search] = useSearchParams();
  useLive(['monitor', 'run', 'workflow']);
  const { catalog } = at.found.server;
  const isFiltered = ['search', 'show'].some((name) => search.get(name));
  return (
    <>
      {catalog ? <Unusable report={catalog} /> : null}
      <div>
        <FilterBar
          filters={[
            { kind: 'search', name: 'search', label: 'Search', placeholder: 'Name or description' },
            {
              kind: 'select',
              name: 'show',
              label: 'Show',
              any: 'All tools',
              options: filterNames.map((value) => ({ value, text: filterLabels[value] })),
            },
          ]}
        />
        {list.tools.length > 0 ? (
          <Card flush>
            <ToolTable tools={list.tools} toTool={(name) => withTool(search, name)} />
          </Card>
        ) : isFiltered ? (
          <EmptyState title="No tools match your filters.">Change the search or the filter.</EmptyState>
        ) : (
          <EmptyState title="No tools yet">Sync the server to list its tools.</EmptyState>
        )}
        <Pager nextCursor={list.nextPage === null ? null : String(list.nextPage)} />
      </div>
      {tool ? (
        <ToolDrawer key={tool.name} tool={tool} answer={answer} at={at} closeTo={withTool(search, null)} />
      ) : null}
    </>
  );
}
