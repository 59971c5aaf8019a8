/**
 * Interceptors of workflows, bundled only for workers that send traces (worker/bundle.ts). They pass the trace on to
 * activities and child workflows, and report each workflow's span when it ends. No command depends on them.
 */
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { ContinueAsNew, proxySinks, type Sinks, type WorkflowInterceptors, workflowInfo } from '@temporalio/workflow';
import { type TraceCarrier, toWorkflowSpan, traceHeader, type WorkflowSpan } from '../domain/trace/carrier.ts';

export interface TraceSinks extends Sinks {
  traces: {
    /** `failure`: the name of the error that it ended with. */
    workflowEnded(span: WorkflowSpan, failure: string | null): void;
  };
}

const { traces } = proxySinks<TraceSinks>();

export function interceptors(): WorkflowInterceptors {
  let parent: TraceCarrier | null = null;
  const getSpan = () => toWorkflowSpan(workflowInfo().runId, parent);
  const withTrace = <I extends { headers: Headers }>(input: I): I => {
    const { traceId, spanId, isSampled } = getSpan();
    const carrier: TraceCarrier = { traceId, spanId, isSampled };
    return { ...input, headers: { ...input.headers, [traceHeader]: defaultPayloadConverter.toPayload(carrier) } };
  };
  return {
    inbound: [
      {
        async execute(input, next) {
          const received = input.headers[traceHeader];
          if (received) parent = defaultPayloadConverter.fromPayload<TraceCarrier>(received);
          try {
            const result = await next(input);
            traces.workflowEnded(getSpan(), null);
            return result;
          } catch (error) {
            const failure = error instanceof Error ? error.name : 'Error';
            traces.workflowEnded(getSpan(), error instanceof ContinueAsNew ? null : failure);
            throw error;
          }
        },
      },
    ],
    outbound: [
      {
        scheduleActivity: (input, next) => next(withTrace(input)),
        scheduleLocalActivity: (input, next) => next(withTrace(input)),
        startChildWorkflowExecution: (input, next) => next(withTrace(input)),
      },
    ],
  };
}
