import { useId } from 'react';
import { CodeBlock } from '../base/code-block.tsx';

/**
 * The same thing for several tools, such as how to connect Claude Code, Cursor or curl. One is shown; the choice works
 * without JavaScript.
 */
export function SnippetTabs({
  label,
  snippets,
}: {
  label: string;
  snippets: { name: string; file?: string; code: string }[];
}) {
  const id = useId();
  return (
    <div className="space-y-2">
      <p className="text-xs text-muted">{label}</p>
      {snippets.map(({ name, file, code }, index) => (
        <details key={name} name={id} open={index === 0} className="rounded-md border border-line bg-surface">
          <summary className="flex min-h-11 items-center px-3 text-sm font-medium hover:bg-sunken md:min-h-9">
            {name}
          </summary>
          <div className="p-2">
            <CodeBlock label={file ?? name}>{code}</CodeBlock>
          </div>
        </details>
      ))}
    </div>
  );
}
