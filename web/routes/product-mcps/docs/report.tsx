import type { DocumentReport } from '../../../../services/product-mcp/document/view.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { DescriptionList } from '../../../ui/base/description-list.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { cellClass, Table } from '../../../ui/data/table.tsx';
import { refusalLabels } from '../labels.ts';
import { TokenMeter } from '../token-meter.tsx';

const maxRows = 50;

/** What a document becomes, before it is published. */
export function Report({ report }: { report: DocumentReport }) {
  const format = useFormat();
  const { refused, refusedByReason, credentialCandidates, servers, securitySchemes, suspiciousTexts, tokens, largest } =
    report;
  const refusedCount = Object.values(refusedByReason).reduce((total, count) => total + count, 0);
  return (
    <>
      <Card title="What it becomes">
        <DescriptionList
          facts={[
            { term: 'Operations', value: format.number(report.operationCount) },
            { term: 'Tools', value: format.number(report.toolCount) },
            { term: 'Refused', value: format.number(refusedCount) },
            { term: 'OpenAPI', value: report.specVersion },
            { term: 'Servers', value: <Lines lines={servers} /> },
            {
              term: 'Sign-in of the API',
              value: <Lines lines={securitySchemes.map(({ name, type, detail }) => `${name}: ${type} ${detail}`)} />,
            },
          ]}
        />
      </Card>
      <TokenMeter tokens={tokens} toolCount={report.toolCount} largest={largest} />
      {credentialCandidates.length > 0 ? (
        <Notice tone="warning" title="Parameters that look like credentials">
          {credentialCandidates
            .slice(0, 10)
            .map(({ in: place, name, operations }) => `${name} (${place}, ${format.count(operations, 'operation')})`)
            .join(', ')}
          . If callers' credentials go there, say so under Connection: then no tool asks for it.
        </Notice>
      ) : null}
      {suspiciousTexts.length > 0 ? (
        <Card flush title={`Texts that look like instructions to a model: ${format.number(suspiciousTexts.length)}`}>
          <Table label="Texts that look like instructions to a model" head={['Operation', 'Text']}>
            {suspiciousTexts.slice(0, maxRows).map(({ key, at, rule, quote }) => (
              <tr key={`${key} ${at} ${rule}`}>
                <td className={`${cellClass} font-mono text-xs [overflow-wrap:anywhere]`}>{key}</td>
                <td className={cellClass}>
                  <span className="[overflow-wrap:anywhere]">{quote}</span>
                  <span className="block text-muted [overflow-wrap:anywhere]">{at}</span>
                </td>
              </tr>
            ))}
          </Table>
        </Card>
      ) : null}
      {refused.length > 0 ? (
        <Card flush title={`Refused operations: ${format.number(refusedCount)}`}>
          <Table label="Refused operations" head={['Operation', 'Why']}>
            {refused.slice(0, maxRows).map(({ key, reason, message }) => (
              <tr key={key}>
                <td className={`${cellClass} font-mono text-xs [overflow-wrap:anywhere]`}>{key}</td>
                <td className={cellClass}>
                  {refusalLabels[reason] ?? reason}
                  <span className="block text-muted [overflow-wrap:anywhere]">{message}</span>
                </td>
              </tr>
            ))}
          </Table>
          {refusedCount > maxRows ? (
            <p className="border-t border-line px-4 py-3 text-muted">{format.number(refusedCount - maxRows)} more.</p>
          ) : null}
        </Card>
      ) : null}
    </>
  );
}

function Lines({ lines }: { lines: string[] }) {
  if (lines.length === 0) return <span className="text-muted">–</span>;
  return (
    <>
      {lines.slice(0, 10).map((line) => (
        <span key={line} className="block [overflow-wrap:anywhere]">
          {line}
        </span>
      ))}
    </>
  );
}
