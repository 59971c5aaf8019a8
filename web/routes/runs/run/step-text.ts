import type { Step } from '../../../../domain/run/steps.ts';
import type { Format } from '../../../ui/base/format.ts';
import type { Status } from '../../../ui/base/status-chip.tsx';
import { errorKindLabels, limitLabels, outcomeLabels } from '../labels.ts';

type StepText = {
  /** What links to it are called. */
  name: string;
  /** More of it, on the same line. */
  note: string;
  status: Status | null;
  isProblem: boolean;
};

export function describeStep(step: Step, format: Format): StepText {
  const plain = { note: '', status: null, isProblem: false };
  switch (step.kind) {
    case 'connected':
      return {
        ...plain,
        name: `${step.again ? 'Reconnected' : 'Connected'} to ${step.server}`,
        note: `MCP ${step.protocolVersion} · ${format.count(step.offeredCount, 'tool')} offered`,
      };
    case 'turn':
      return {
        ...plain,
        name: `Model turn ${step.turn}`,
        note: [
          step.tools.length > 0 ? `calls ${step.tools.join(', ')}` : 'answers',
          step.tokens > 0 ? format.count(step.tokens, 'token') : null,
        ]
          .filter(Boolean)
          .join(' · '),
      };
    case 'call': {
      const { status, text, isProblem } = outcomeLabels[step.outcome];
      return {
        name: `call ${step.number} ${step.tool}`,
        status,
        isProblem: isProblem || step.breaksSchema,
        note: [
          step.outcome === 'ok' ? null : text,
          step.breaksSchema ? 'Breaks its output schema' : null,
          step.attempts > 1 ? format.count(step.attempts, 'attempt') : null,
        ]
          .filter(Boolean)
          .join(' · '),
      };
    }
    case 'retry':
      return {
        ...plain,
        name: `Retry of ${retried[step.of]}`,
        note: `attempt ${step.attempt} · ${step.reason}`,
        status: 'partial',
        isProblem: true,
      };
    case 'resumed':
      return { ...plain, name: 'Worker lost', note: `attempt ${step.attempt} continues from here`, isProblem: true };
    case 'limit':
      return {
        ...plain,
        name: 'Limit reached',
        note: `${format.number(step.allowed)} ${limitLabels[step.limit]}`,
        status: 'partial',
        isProblem: true,
      };
    case 'answer':
      return { ...plain, name: 'final answer' };
    case 'error':
      return { ...plain, name: errorKindLabels[step.errorKind], status: 'error', isProblem: true };
    case 'canceled':
      return { ...plain, name: 'Canceled', status: 'canceled' };
  }
}

const retried = { model: 'the model request', connect: 'the connection', tool_call: 'a call' } as const;

export const capitalize = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** The step of an evidence id. */
export const findStep = (steps: readonly Step[], id: string): Step | undefined =>
  steps.find((step) => step.id === id || step.also.includes(id));

/** Opens a step of the trace, with scripts and without. */
export const toStepLink = (runUrl: string, id: string): string => `${runUrl}?step=${id}#${id}`;
