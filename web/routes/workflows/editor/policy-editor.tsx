import { useRef, useState } from 'react';
import { Button } from '../../../ui/base/button.tsx';
import { StateLabel } from '../../../ui/base/status-chip.tsx';
import { Code, DisclosureIcon } from '../../../ui/base/text.tsx';
import { inputClass, TextField } from '../../../ui/form/field.tsx';
import { setValue } from './set-value.ts';
import type { EditorValues, PolicyRule } from './values.ts';

const words: { [rule in PolicyRule]: string } = { open: 'Default', allowed: 'Allowed', blocked: 'Blocked' };

/** The rule for each tool, by search and several at once. Entries for tools that left the catalog stay. */
export function PolicyEditor({
  policy,
  tools,
  problems,
}: {
  policy: EditorValues['policy'];
  tools: { name: string; description: string }[];
  problems: string[];
}) {
  const box = useRef<HTMLDivElement>(null);
  const [search, setSearch] = useState('');
  const rules = new Map(policy.map(({ tool, rule }) => [tool, rule]));
  const known = new Set(tools.map(({ name }) => name));
  const gone = policy.filter(({ tool, rule }) => rule !== 'open' && tool !== '' && !known.has(tool));
  const isShown = (name: string, note = '') => `${name} ${note}`.toLowerCase().includes(search.trim().toLowerCase());
  const setShown = (rule: PolicyRule) => {
    for (const select of box.current?.querySelectorAll<HTMLSelectElement>('li:not([hidden]) select[data-tool]') ?? [])
      if (select.value !== rule) setValue(select, rule);
  };
  return (
    <div ref={box} className="space-y-3 text-sm">
      <p className="max-w-prose text-muted">
        Where some tools are allowed, the agent is offered those alone. A blocked tool stays visible to it under an open
        policy: not calling it is part of the test, and a call flags the run. Neither is ever sent to the server.
      </p>
      {problems.map((problem) => (
        <p key={problem} className="text-fail">
          {problem}
        </p>
      ))}
      {tools.length > 0 ? (
        <div className="with-scripts flex flex-wrap items-center gap-2">
          <input
            type="search"
            aria-label="Search tools"
            placeholder="Search tools"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
            // Enter would send the form.
            onKeyDown={(event) => event.key === 'Enter' && event.preventDefault()}
            className={`${inputClass} min-w-40 flex-1`}
          />
          <span className="text-muted text-xs">{search.trim() === '' ? 'All:' : 'Those found:'}</span>
          <Button type="button" variant="quiet" onClick={() => setShown('allowed')}>
            Allow
          </Button>
          <Button type="button" variant="quiet" onClick={() => setShown('blocked')}>
            Block
          </Button>
          <Button type="button" variant="quiet" onClick={() => setShown('open')}>
            Reset
          </Button>
        </div>
      ) : null}
      <ul className="max-h-96 divide-y divide-line overflow-y-auto rounded-md border border-line empty:hidden">
        {tools.map(({ name, description }) => (
          <Row
            key={name}
            tool={name}
            rule={rules.get(name) ?? 'open'}
            note={description}
            isHidden={!isShown(name, description)}
          />
        ))}
        {gone.map(({ tool, rule }) => (
          <Row key={tool} tool={tool} rule={rule} isGone isHidden={!isShown(tool)} />
        ))}
      </ul>
      <details>
        <summary className="flex min-h-11 w-fit items-center gap-1 text-muted hover:text-ink md:min-h-6">
          <DisclosureIcon /> A tool that isn't in the catalog
        </summary>
        <div className="mt-2 flex flex-wrap items-end gap-2">
          <div className="min-w-40 flex-1">
            <TextField label="Name of the tool" name="policy.tool" autoComplete="off" />
          </div>
          <Rule label="Rule for this tool" rule="open" />
        </div>
      </details>
    </div>
  );
}

function Row({
  tool,
  rule,
  note,
  isGone = false,
  isHidden,
}: {
  tool: string;
  rule: PolicyRule;
  note?: string;
  isGone?: boolean;
  isHidden: boolean;
}) {
  return (
    <li hidden={isHidden} className="flex items-center gap-3 px-3 py-1.5 [&[hidden]]:hidden">
      <input type="hidden" name="policy.tool" value={tool} />
      <span className="min-w-0 flex-1">
        <Code>{tool}</Code> {isGone ? <StateLabel>Not in the catalog</StateLabel> : null}
        <span className="line-clamp-1 text-muted text-xs [overflow-wrap:anywhere]">{note}</span>
      </span>
      <Rule label={`Rule for ${tool}`} rule={rule} isOfTool />
    </li>
  );
}

function Rule({ label, rule, isOfTool = false }: { label: string; rule: PolicyRule; isOfTool?: boolean }) {
  return (
    <select
      name="policy.rule"
      aria-label={label}
      defaultValue={rule}
      data-tool={isOfTool || undefined}
      className={`${inputClass} w-auto! shrink-0`}
    >
      {Object.entries(words).map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}
