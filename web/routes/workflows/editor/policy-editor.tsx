import { Badge } from '../../../ui/base/badge.tsx';
import { Code } from '../../../ui/base/text.tsx';
import { inputClass } from '../../../ui/form/field.tsx';
import type { EditorValues, PolicyRule } from './values.ts';

const words: { [rule in PolicyRule]: string } = { open: 'Not listed', allowed: 'Allowed', blocked: 'Blocked' };

/** The rule for each tool. Entries for tools that left the catalog stay and are marked. */
export function PolicyEditor({
  policy,
  tools,
  problems,
}: {
  policy: EditorValues['policy'];
  tools: { name: string; description: string }[];
  problems: string[];
}) {
  const known = new Set(tools.map(({ name }) => name));
  const ruleOf = (tool: string) => policy.find((entry) => entry.tool === tool)?.rule ?? 'open';
  const gone = policy.filter(({ tool, rule }) => rule !== 'open' && tool !== '' && !known.has(tool));
  return (
    <div className="space-y-3">
      <p className="max-w-prose text-muted">
        Where some tools are allowed, the agent is offered those alone. A blocked tool stays visible to it under an open
        policy: keeping its hands off is part of the test, and a call flags the run. Neither is ever sent to the server.
      </p>
      {problems.map((problem) => (
        <p key={problem} className="text-fail">
          {problem}
        </p>
      ))}
      <ul className="divide-y divide-line rounded-md border border-line">
        {tools.map(({ name, description }) => (
          <Row key={name} tool={name} rule={ruleOf(name)} note={description} />
        ))}
        {gone.map(({ tool, rule }) => (
          <Row key={tool} tool={tool} rule={rule} isGone />
        ))}
        <li className="flex flex-wrap items-center gap-3 px-3 py-2">
          <input
            name="policy.tool"
            aria-label="Another tool's name"
            placeholder="Another tool's name"
            className={`${inputClass} min-w-40 flex-1`}
          />
          <Rule label="Rule for the other tool" rule="open" />
        </li>
      </ul>
    </div>
  );
}

function Row({
  tool,
  rule,
  note,
  isGone = false,
}: {
  tool: string;
  rule: PolicyRule;
  note?: string;
  isGone?: boolean;
}) {
  return (
    <li className="flex flex-wrap items-center gap-3 px-3 py-2">
      <input type="hidden" name="policy.tool" value={tool} />
      <span className="min-w-40 flex-1">
        <Code>{tool}</Code> {isGone ? <Badge tone="partial">Not in the catalog</Badge> : null}
        <span className="block truncate text-muted">{note}</span>
      </span>
      <Rule label={`Rule for ${tool}`} rule={rule} />
    </li>
  );
}

function Rule({ label, rule }: { label: string; rule: PolicyRule }) {
  return (
    <select name="policy.rule" aria-label={label} defaultValue={rule} className={`${inputClass} w-auto!`}>
      {Object.entries(words).map(([value, text]) => (
        <option key={value} value={value}>
          {text}
        </option>
      ))}
    </select>
  );
}
