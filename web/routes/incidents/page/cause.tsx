import type { CauseView } from '../../../../services/incident/view.ts';
import { LinkButton } from '../../../ui/base/button.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { CodeText } from '../../../ui/base/code-text.tsx';
import { RawText } from '../../../ui/base/text.tsx';
import { toPageText } from '../../../ui/page/page-text.ts';

/** The first failure. Messages and changes are the words of servers and models. */
export function Cause({ cause, summary, base }: { cause: CauseView; summary: string; base: string }) {
  const { message, failingCriteria = [], changes = [], servers = [], serverCount, runId, trigger } = cause;
  // Most summaries end with the message, on one line.
  const isSaid = message === undefined || summary.includes(message.replaceAll(/\s+/g, ' '));
  return (
    <Card
      title="What failed"
      aside={runId ? <LinkButton to={`${base}/runs/${runId}`}>Open the failed run</LinkButton> : null}
    >
      <p className="max-w-prose font-medium [overflow-wrap:anywhere]">
        <CodeText text={toPageText(summary)} />
      </p>
      {trigger === 'manual' ? <p className="mt-1 text-muted">It was started manually.</p> : null}
      {isSaid ? null : (
        <div className="mt-3">
          <RawText label="Message">{toPageText(message)}</RawText>
        </div>
      )}
      <Lines title="Failing criteria" lines={failingCriteria.filter((line) => !summary.endsWith(line))} />
      <Lines title="What changed" lines={changes} />
      <Lines
        title={`Servers that do not answer${serverCount === undefined ? '' : `, ${servers.length} of ${serverCount}`}`}
        lines={servers.map(({ name }) => name)}
      />
    </Card>
  );
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <h3 className="mt-3 mb-1 text-muted text-xs">{title}</h3>
      <ul className="list-disc space-y-1 pl-5">
        {[...new Set(lines)].map((line) => (
          <li key={line} className="[overflow-wrap:anywhere]">
            <CodeText text={toPageText(line)} />
          </li>
        ))}
      </ul>
    </>
  );
}
