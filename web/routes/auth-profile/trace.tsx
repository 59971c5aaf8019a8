import { signInRules } from '../../../domain/oauth/rules.ts';
import type { OAuthProfileView } from '../../../services/auth-profile/sign-in/get.ts';
import { CodeBlock } from '../../ui/base/code-block.tsx';
import { StateLabel } from '../../ui/base/status-chip.tsx';
import { DisclosureIcon } from '../../ui/base/text.tsx';
import { Time } from '../../ui/base/time.tsx';

type Trace = OAuthProfileView['traces'][number];
type Step = Trace['steps'][number];

const outcomes = { begun: 'Not finished', signed_in: 'Signed in', failed: 'Failed' } as const;

/** Every request and answer of a sign-in, and the rules that they follow or break. */
export function SignInTrace({ trace, open }: { trace: Trace; open: boolean }) {
  return (
    <details open={open}>
      <summary className="flex flex-wrap items-center gap-3 px-4 py-3 hover:bg-sunken/60">
        <DisclosureIcon />
        <span className="font-medium">
          <Time at={trace.startedAt} />
        </span>
        <StateLabel>{outcomes[trace.outcome]}</StateLabel>
        {trace.problem ? <span className="min-w-0 break-words text-muted">{trace.problem.message}</span> : null}
      </summary>
      <ol className="space-y-4 px-4 pb-4">
        {trace.steps.map((step) => (
          <li key={`${step.at} ${step.title} ${step.request?.url ?? ''}`} className="border-l-2 border-line pl-4">
            <TraceStep step={step} />
          </li>
        ))}
      </ol>
    </details>
  );
}

function TraceStep({ step: { title, request, answer, problem, findings } }: { step: Step }) {
  return (
    <div className="min-w-0 space-y-2">
      <p className="font-medium">{title}</p>
      {request ? (
        <p className="break-all font-mono text-xs text-muted">
          {request.method} {request.url}
          {answer ? ` → ${answer.status}` : ''}
        </p>
      ) : null}
      {problem ? <p className="text-fail">{problem}</p> : null}
      <ul className="space-y-1">
        {findings.map(({ rule, verdict, detail }) => (
          <li key={rule}>
            {verdict === 'follows' ? '✓' : signInRules[rule].level === 'must' ? '✗' : '!'}{' '}
            <a
              href={signInRules[rule].reference}
              className="underline decoration-line"
              rel="noreferrer"
              target="_blank"
            >
              {signInRules[rule].title}
            </a>
            <span className="text-muted">. {detail}</span>
            {verdict === 'breaks' ? <span> {signInRules[rule].remedy}</span> : null}
          </li>
        ))}
      </ul>
      {request || answer ? (
        <details>
          <summary className="cursor-pointer text-xs text-accent">Request and answer</summary>
          <div className="mt-2 space-y-2">
            {request && Object.keys(request.parameters).length > 0 ? (
              <CodeBlock label="Parameters">{lines(request.parameters, '=')}</CodeBlock>
            ) : null}
            {answer && Object.keys(answer.headers).length > 0 ? (
              <CodeBlock label="Headers of the answer">{lines(answer.headers, ': ')}</CodeBlock>
            ) : null}
            {answer?.body ? <CodeBlock label="Answer">{answer.body}</CodeBlock> : null}
          </div>
        </details>
      ) : null}
    </div>
  );
}

const lines = (pairs: { [name: string]: string }, separator: string): string =>
  Object.entries(pairs)
    .map(([name, value]) => `${name}${separator}${value}`)
    .join('\n');
