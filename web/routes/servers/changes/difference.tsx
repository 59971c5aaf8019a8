import { Code } from '../../../ui/base/text.tsx';
import type { ToolDiff } from './tool-diff.server.ts';

/** How a tool differs: what was removed, what was added. Names and values are the server's. */
export function Difference({ diff }: { diff: ToolDiff }) {
  if (diff === null) return null;
  if (!('fields' in diff)) return <Lines before={diff.before} after={diff.after} />;
  return (
    <ul className="mt-2 space-y-2">
      {diff.fields.map(({ path, change, breaking, before, after }) => (
        <li key={`${path} ${change}`}>
          <p className="flex flex-wrap items-baseline gap-x-2 text-table">
            <Code>{path || 'schema'}</Code>
            <span className={breaking ? 'text-fail' : 'text-muted'}>
              {change.replaceAll('_', ' ')}
              {breaking ? ', breaking' : ''}
            </span>
          </p>
          {before !== undefined || after !== undefined ? <Lines before={shown(before)} after={shown(after)} /> : null}
        </li>
      ))}
    </ul>
  );
}

/** Null if the value is missing. */
function Lines({ before, after }: { before: string | null; after: string | null }) {
  const line = 'block rounded-sm px-2 py-0.5 whitespace-pre-wrap [overflow-wrap:anywhere] no-underline';
  return (
    <div className="mt-1 space-y-0.5 font-mono text-xs">
      {before === null ? null : (
        <del className={`${line} bg-fail-soft text-fail`}>
          <span aria-hidden="true">− </span>
          {before}
        </del>
      )}
      {after === null ? null : (
        <ins className={`${line} bg-pass-soft text-pass`}>
          <span aria-hidden="true">+ </span>
          {after}
        </ins>
      )}
    </div>
  );
}

const shown = (value: unknown): string | null =>
  value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
