import type { DocumentReport } from '../../../../services/product-mcp/document/view.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { DescriptionList } from '../../../ui/base/description-list.tsx';
import { Notice } from '../../../ui/base/notice.tsx';
import { DataTable } from '../../../ui/data/data-table.tsx';
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
          <DataTable
            label="Texts that look like instructions to a model"
            rows={suspiciousTexts.slice(0, maxRows)}
            rowKey={({ key, at, rule }) => `${key} ${at} ${rule}`}
            columns={[
              { key: 'operation', head: 'Operation', phone: 'title', cell: ({ key }) => <OperationKey text={key} /> },
              {
                key: 'text',
                head: 'Text',
                cell: ({ quote, at }) => (
                  <span className="[overflow-wrap:anywhere]">
                    {quote}
                    <span className="block text-muted">{at}</span>
                  </span>
                ),
              },
            ]}
          />
        </Card>
      ) : null}
      {refused.length > 0 ? (
        <Card flush title={`Refused operations: ${format.number(refusedCount)}`}>
          <DataTable
            label="Refused operations"
            rows={refused.slice(0, maxRows)}
            rowKey={({ key }) => key}
            columns={[
              { key: 'operation', head: 'Operation', phone: 'title', cell: ({ key }) => <OperationKey text={key} /> },
              {
                key: 'why',
                head: 'Why',
                cell: ({ reason, message }) => (
                  <span className="[overflow-wrap:anywhere]">
                    {refusalLabels[reason] ?? reason}
                    <span className="block text-muted">{message}</span>
                  </span>
                ),
              },
            ]}
          />
          {refusedCount > maxRows ? (
            <p className="border-t border-line px-4 py-3 text-muted">{format.number(refusedCount - maxRows)} more.</p>
          ) : null}
        </Card>
      ) : null}
    </>
  );
}

const OperationKey = ({ text }: { text: string }) => <span className="font-mono text-xs">{text}</span>;

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
