import { useLoaderData, useNavigation, useSearchParams } from 'react-router';
import { ArmatureError } from '../../../../domain/error/error.ts';
import type { Selection } from '../../../../domain/product-mcp/selection.ts';
import { atLeast } from '../../../../domain/role/role.ts';
import { getProduct } from '../../../../services/product-mcp/get.ts';
import { chooseTools } from '../../../../services/product-mcp/tools/choose.ts';
import { editTool } from '../../../../services/product-mcp/tools/edit.ts';
import { listTools } from '../../../../services/product-mcp/tools/list.ts';
import { useActionData } from '../../../shell/action-data.ts';
import { kept, text } from '../../../shell/form.ts';
import { query } from '../../../shell/query.ts';
import { memberAction, memberLoader } from '../../../shell/route.server.ts';
import { TextLink } from '../../../ui/base/button.tsx';
import { EmptyState } from '../../../ui/base/empty-state.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { ErrorSummary } from '../../../ui/form/error-summary.tsx';
import { FilterBar } from '../../../ui/form/filter-bar.tsx';
import { TokenMeter } from '../token-meter.tsx';
import { ChooseTools } from './choose.tsx';
import { ToolTable } from './table.tsx';

const pageSize = 50;

export const loader = memberLoader(async ({ ctx, org, params, url }) => {
  const productMcpId = params.productMcpId ?? '';
  const { q = '', from = '' } = query(url, ['q', 'from']);
  const [{ productMcp: product }, listed] = await Promise.all([
    getProduct(ctx, { productMcpId }),
    listTools(ctx, { productMcpId }),
  ]);
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const found = listed.tools.filter(({ operation, name, summary, tags }) => {
    const searched = `${operation} ${name} ${summary} ${tags.join(' ')}`.toLowerCase();
    return words.every((word) => searched.includes(word));
  });
  const first = Math.max(0, Math.trunc(Number(from) || 0));
  return {
    selection: product.selection,
    mode: product.mode,
    tools: found.slice(first, first + pageSize),
    next: first + pageSize < found.length ? first + pageSize : null,
    toolCount: listed.tools.length,
    servedCount: listed.servedCount,
    tokens: listed.tokens,
    suggestedMode: listed.suggestedMode,
    tags: [...new Set(listed.tools.flatMap(({ tags }) => tags))].slice(0, 100),
    mayEdit: atLeast(org.role, 'editor') && !product.isArchived,
  };
});

export type ToolsData = ReturnType<typeof useLoaderData<typeof loader>>;

export const action = memberAction(async ({ ctx, form, params }) => {
  const productMcpId = params.productMcpId ?? '';
  const operation = text(form, 'operation');
  switch (text(form, 'intent')) {
    case 'choose':
      await chooseTools(ctx, {
        productMcpId,
        selection: toSelection(form),
        mode: text(form, 'mode') === 'search' ? 'search' : 'list',
      });
      return { done: 'Saved. Agents get it within a second.' };
    case 'hide':
    case 'show':
      await editTool(ctx, { productMcpId, operation, isHidden: text(form, 'intent') === 'hide' });
      return { done: text(form, 'intent') === 'hide' ? 'The tool is hidden.' : 'The tool is shown again.' };
    case 'edit':
      await editTool(ctx, {
        productMcpId,
        operation,
        name: text(form, 'name').trim() || null,
        description: text(form, 'description').trim() || null,
        annotations: toAnnotations(text(form, 'effect')),
      });
      return { done: 'The tool is saved.' };
    default:
      throw new ArmatureError('validation_failed', 'The form has no action.', 'Reload the page and try again.');
  }
});

function toSelection(form: FormData): Selection {
  const lines = (name: string) =>
    text(form, name)
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  switch (text(form, 'kind')) {
    case 'tags':
      return { kind: 'tags', tags: form.getAll('tag').filter((tag) => typeof tag === 'string') };
    case 'patterns':
      return { kind: 'patterns', patterns: lines('patterns') };
    case 'operations':
      return { kind: 'operations', operations: lines('operations') };
    default:
      return { kind: 'all' };
  }
}

/** What people say of an operation's effect; null as its method says. */
function toAnnotations(effect: string) {
  switch (effect) {
    case 'reads':
      return { readOnlyHint: true };
    case 'changes':
      return { readOnlyHint: false, destructiveHint: false };
    case 'destroys':
      return { readOnlyHint: false, destructiveHint: true };
    default:
      return null;
  }
}

export default function Tools() {
  const data = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const [search] = useSearchParams();
  const busy = useNavigation().state === 'submitting';
  const problem = answer && 'problem' in answer ? answer.problem : undefined;
  const edited = answer && 'values' in answer ? kept(answer.values, 'operation') : '';
  if (data.toolCount === 0)
    return (
      <EmptyState title="No tools yet">
        Upload an OpenAPI document under <TextLink to="../docs">API docs</TextLink> and make it active.
      </EmptyState>
    );
  return (
    <>
      <ErrorSummary problem={problem} />
      {answer && 'done' in answer ? <Notice tone="good" alert title={answer.done} /> : null}
      <TokenMeter tokens={data.tokens} toolCount={data.servedCount} />
      <ChooseTools data={data} problem={problem} busy={busy} />
      <FilterBar filters={[{ kind: 'search', name: 'q', label: 'Find operations' }]} />
      <ToolTable tools={data.tools} mayEdit={data.mayEdit} problem={problem} edited={edited} />
      {data.next === null ? null : (
        <TextLink to={`?${new URLSearchParams({ ...Object.fromEntries(search), from: String(data.next) })}`}>
          More operations
        </TextLink>
      )}
    </>
  );
}
