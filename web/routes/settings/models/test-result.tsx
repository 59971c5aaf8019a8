import type { ReactNode } from 'react';
import type { testModel } from '../../../../services/model/test.ts';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Notice } from '../../../ui/base/notice.tsx';

type Test = Awaited<ReturnType<typeof testModel>>['test'];

const formatLabels = { json_schema: 'JSON Schema', json_object: 'JSON mode', text: 'plain text' } as const;

/** What a model can do. The provider's words are shown as text. */
export function TestResult({ model, test }: { model: string; test: Test }) {
  const format = useFormat();
  const { answers, latencyMs, reportsUsage, callsTools, structuredOutput } = test;
  if (!callsTools || !structuredOutput)
    return (
      <Notice tone="bad" alert title={`${model} does not answer.`}>
        <p>{answers.ok ? null : answers.message}</p>
        <p className="mt-1 text-xs">after {format.duration(latencyMs)}</p>
      </Notice>
    );
  const works = answers.ok && callsTools.ok && structuredOutput.format !== null;
  return (
    <Notice tone={works ? 'good' : 'warning'} alert title={`${model} answered in ${format.duration(latencyMs)}.`}>
      <dl className="mt-2 grid gap-x-4 gap-y-1 text-ink sm:grid-cols-[max-content_1fr]">
        <Fact name="Answers">{answers.ok ? 'Yes' : `No. ${answers.message}`}</Fact>
        <Fact name="Calls tools (testers need it)">{callsTools.ok ? 'Yes' : `No. ${callsTools.message}`}</Fact>
        <Fact name="Structured output (judges need it)">
          {structuredOutput.format ? `By ${formatLabels[structuredOutput.format]}` : 'No'}
          {structuredOutput.failed.map(({ format, message }) => (
            <span key={format} className="block text-muted">
              Not by {formatLabels[format]}: {message}
            </span>
          ))}
        </Fact>
        <Fact name="Reports used tokens">
          {reportsUsage ? 'Yes' : 'No. Token limits and costs of runs count nothing.'}
        </Fact>
      </dl>
    </Notice>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  );
}
