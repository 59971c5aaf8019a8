import type { ReactNode } from 'react';
import { Code, DisclosureIcon, ScrollBox } from '../../../ui/base/text.tsx';

type Report = {
  unusable: { name: string | null; reasons: string[] }[];
  warnings: string[];
  complete: boolean;
  declaresTools: boolean;
};

/** What is wrong with a server's list of tools. Names and sentences contain text from the server. */
export function CatalogReport({
  report: { unusable, warnings, declaresTools },
  tools,
}: {
  report: Report;
  tools: { name: string; warnings: string[] }[];
}) {
  const warned = tools.filter((tool) => tool.warnings.length > 0);
  return (
    <div className="space-y-2 text-ink">
      {declaresTools ? null : (
        <p>
          The server does not declare the capability <Code>tools</Code>, so it was not asked for its tools. Tools that
          were known before stay as they were.
        </p>
      )}
      {warnings.length > 0 ? <Sentences of={warnings} /> : null}
      <Findings
        title={unusable.length === 1 ? "1 tool can't be used" : `${unusable.length} tools can't be used`}
        isOpen
        findings={unusable.map(({ name, reasons }) => ({ name: name ?? '', sentences: reasons }))}
      />
      <Findings
        title={warned.length === 1 ? '1 tool has warnings' : `${warned.length} tools have warnings`}
        note="They work here. Strict clients may refuse them, or all tools of the server."
        findings={warned.map((tool) => ({ name: tool.name, sentences: tool.warnings }))}
      />
    </div>
  );
}

export const hasFindings = ({ unusable, warnings, declaresTools }: Report): boolean =>
  unusable.length > 0 || warnings.length > 0 || !declaresTools;

function Findings({
  title,
  note,
  findings,
  isOpen = false,
}: {
  title: string;
  note?: string;
  findings: { name: string; sentences: string[] }[];
  isOpen?: boolean;
}) {
  if (findings.length === 0) return null;
  return (
    <details open={isOpen}>
      <summary className="flex gap-2 font-medium">
        <DisclosureIcon /> {title}
      </summary>
      {note ? <p className="mt-1 text-muted">{note}</p> : null}
      <ScrollBox label={title}>
        <ul className="mt-1 space-y-2">
          {findings.map(({ name, sentences }, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: names repeat, and the list never changes.
            <li key={index} className="min-w-0">
              {name === '' ? <span className="text-muted">No name</span> : <Code>{name}</Code>}
              <Sentences of={sentences} />
            </li>
          ))}
        </ul>
      </ScrollBox>
    </details>
  );
}

export function Sentences({ of: sentences }: { of: readonly string[] }): ReactNode {
  return (
    <ul className="list-disc pl-5 [overflow-wrap:anywhere] text-muted">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}
