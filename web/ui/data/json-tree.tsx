import { useState } from 'react';
import { ExactNumber } from '../../../domain/json/exact.ts';
import { CopyButton } from '../base/copy-button.tsx';
import { DisclosureIcon } from '../base/text.tsx';

/** JSON as it came from a server: of any size and depth. */
export type Json = null | boolean | number | ExactNumber | string | Json[] | { [key: string]: Json };

/** Of one object or list; what is beyond is counted. `Raw` views show all. */
const maxChildren = 200;
const maxDepth = 12;

/**
 * A JSON value that opens level by level, without JavaScript as well. A click on a name chooses the value: its path is
 * shown below, and both can be copied.
 * @param props.label name of the tree for screen readers: "Result of call 3"
 * @param props.openDepth levels that are open at first. @default 2
 */
export function JsonTree({ label, value, openDepth = 2 }: { label: string; value: Json; openDepth?: number }) {
  const [chosen, setChosen] = useState<{ path: string; value: Json } | null>(null);
  return (
    <section aria-label={label} className="rounded-md border border-line bg-surface">
      <div className="overflow-x-auto p-2 font-mono text-code">
        <Node name={null} value={value} path="$" depth={0} openDepth={openDepth} choose={setChosen} />
      </div>
      <div
        className="flex min-h-8 flex-wrap items-center gap-1 border-line border-t px-2 text-xs text-muted"
        role="status"
      >
        <span className="min-w-0 flex-1 font-mono [overflow-wrap:anywhere]">{chosen?.path ?? '$'}</span>
        <CopyButton text={chosen?.path ?? '$'} what="Copy path" />
        <CopyButton text={toText(chosen?.value ?? value)} what="Copy value" />
      </div>
    </section>
  );
}

type NodeProps = {
  name: string | null;
  value: Json;
  path: string;
  depth: number;
  openDepth: number;
  choose: (node: { path: string; value: Json }) => void;
};

function Node({ name, value, path, depth, openDepth, choose }: NodeProps) {
  const label =
    name === null ? null : (
      <button
        type="button"
        className="min-h-11 min-w-11 max-w-1/2 shrink-0 cursor-pointer text-left md:min-h-6 text-accent hover:underline"
        onClick={() => choose({ path, value })}
      >
        {name}
      </button>
    );
  if (value === null || typeof value !== 'object' || value instanceof ExactNumber)
    return (
      <div className="flex items-center gap-1 pl-5">
        {label}
        {label ? <span className="text-muted">:</span> : null}
        <span className="min-w-0 whitespace-pre-wrap [overflow-wrap:anywhere]">{JSON.stringify(value)}</span>
      </div>
    );
  const isList = Array.isArray(value);
  const entries = isList ? value.map((each, index) => [String(index), each] as const) : Object.entries(value);
  const size = isList ? `[${entries.length}]` : `{${entries.length}}`;
  if (entries.length === 0 || depth >= maxDepth)
    return (
      <div className="flex items-center gap-1 pl-5">
        {label}
        <span className="min-w-0 text-muted [overflow-wrap:anywhere]">
          {entries.length === 0 ? (isList ? '[]' : '{}') : `${size} …`}
        </span>
      </div>
    );
  return (
    <details open={depth < openDepth}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a button, by keyboard as well. */}
      <summary
        className="flex min-h-11 items-center gap-1 hover:bg-sunken/60 md:min-h-6 md:min-w-6"
        onClick={() => choose({ path, value })}
      >
        <DisclosureIcon />
        <span className="text-accent">{name}</span>
        <span className="text-muted">{size}</span>
      </summary>
      <div className="ml-2 border-line border-l pl-2">
        {entries.slice(0, maxChildren).map(([key, each]) => (
          <Node
            key={key}
            name={key}
            value={each}
            path={isList ? `${path}[${key}]` : toPath(path, key)}
            depth={depth + 1}
            openDepth={openDepth}
            choose={choose}
          />
        ))}
        {entries.length > maxChildren ? <p className="pl-5 text-muted">… {entries.length - maxChildren} more</p> : null}
      </div>
    </details>
  );
}

const toPath = (path: string, key: string): string =>
  /^[A-Za-z_]\w*$/.test(key) ? `${path}.${key}` : `${path}[${JSON.stringify(key)}]`;

const toText = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value, null, 2));
