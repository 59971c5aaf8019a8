import { Card } from '../../../ui/base/card.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { ScrollBox } from '../../../ui/base/text.tsx';
import type { ServerPageData } from '../server/page.tsx';

/** What is wrong with the list of tools as a whole, and the tools that can't be called. Texts are the server's. */
export function Unusable({ report }: { report: NonNullable<ServerPageData['server']['catalog']> }) {
  const { unusable, warnings, complete, declaresTools } = report;
  const notes = [
    ...(complete ? [] : ['The list of tools was not read to its end.']),
    ...(declaresTools ? [] : ['The server does not declare tools, so it was not asked for them.']),
    ...warnings,
  ];
  return (
    <>
      {notes.length > 0 ? (
        <Notice tone="warning">
          {notes.map((note) => (
            <p key={note} className="text-ink [overflow-wrap:anywhere]" data-verbatim>
              {note}
            </p>
          ))}
        </Notice>
      ) : null}
      {unusable.length > 0 ? (
        <Card flush title={unusable.length === 1 ? "1 tool can't be used" : `${unusable.length} tools can't be used`}>
          <ScrollBox label="Tools that can't be used">
            <ul className="divide-y divide-line">
              {unusable.map(({ name, reasons }, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: names repeat, and the list never changes.
                <li key={index} className="px-4 py-2.5 [overflow-wrap:anywhere]" data-verbatim>
                  {name === null ? (
                    <span className="text-muted">No name</span>
                  ) : (
                    <code className="font-mono text-code">{name}</code>
                  )}
                  {reasons.map((reason) => (
                    <p key={reason} className="text-table text-muted">
                      {reason}
                    </p>
                  ))}
                </li>
              ))}
            </ul>
          </ScrollBox>
        </Card>
      ) : null}
    </>
  );
}
