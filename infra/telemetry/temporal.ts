import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import type { InjectedSinks } from '@temporalio/worker';
import { z } from 'zod';
import { type TraceCarrier, traceHeader, type WorkflowSpan } from '../../domain/trace/carrier.ts';
import type { SpanAttributes, Telemetry } from './index.ts';
import type { Tracing } from './tracing.ts';

/** What `workflows/tracing.ts` calls. */
type Sinks = { traces: { workflowEnded(span: WorkflowSpan, failure: string | null): void } };

const carrier = z.object({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  isSampled: z.boolean().nullable(),
});

/** Ids that the arguments of activities have, and the attributes that they become. */
const ids = z
  .object({
    orgId: z.string().optional(),
    runId: z.string().optional(),
    workflowId: z.string().optional(),
    serverId: z.string().optional(),
    monitorId: z.string().optional(),
    deliveryId: z.string().optional(),
  })
  .catch({})
  .transform(
    (of): SpanAttributes => ({
      'armature.org.id': of.orgId,
      'armature.run.id': of.runId,
      'armature.workflow.id': of.workflowId,
      'armature.server.id': of.serverId,
      'armature.monitor.id': of.monitorId,
      'armature.delivery.id': of.deliveryId,
    }),
  );

/**
 * Carries a trace from the start of a workflow to its activities. Names and attributes are those of Temporal's own
 * interceptors, which need an older SDK of OpenTelemetry.
 */
export function createTemporalTracing({ span, current, under, recordWorkflow }: Tracing): Telemetry['temporal'] {
  const withTrace = <I extends { headers: Headers }>(input: I): I => {
    const here: TraceCarrier | null = current();
    if (!here) return input;
    return { ...input, headers: { ...input.headers, [traceHeader]: defaultPayloadConverter.toPayload(here) } };
  };
  const sinks: InjectedSinks<Sinks> = {
    traces: {
      workflowEnded: {
        callDuringReplay: false,
        fn: ({ workflowType, workflowId, runId, startTime }, workflow, failure) =>
          recordWorkflow(workflow, {
            name: `RunWorkflow:${workflowType}`,
            startedAt: startTime,
            failure,
            attributes: { temporalWorkflowID: workflowId, temporalRunID: runId },
          }),
      },
    },
  };
  return {
    client: {
      workflow: [
        {
          startWithDetails: (input, next) =>
            span(
              `StartWorkflow:${input.workflowType}`,
              { kind: 'client', attributes: { temporalWorkflowID: input.options.workflowId } },
              async (open) => {
                const started = await next(withTrace(input));
                open.set({ temporalRunID: started.runId });
                return started;
              },
            ),
        },
      ],
    },
    worker: {
      interceptors: {
        activity: [
          ({ info }) => ({
            inbound: {
              execute: (input, next) =>
                under(readCarrier(input.headers), () =>
                  span(
                    `RunActivity:${info.activityType}`,
                    {
                      attributes: {
                        temporalWorkflowID: info.workflowExecution?.workflowId,
                        temporalRunID: info.workflowExecution?.runId,
                        temporalActivityID: info.activityId,
                        'armature.attempt': info.attempt,
                        ...ids.parse(input.args[0] ?? {}),
                      },
                    },
                    () => next(input),
                  ),
                ),
            },
          }),
        ],
      },
      sinks,
    },
  };
}

/** Null if there is none: workflows that started before traces were on have none. */
function readCarrier(headers: Headers): TraceCarrier | null {
  const payload = headers[traceHeader];
  return payload ? carrier.parse(defaultPayloadConverter.fromPayload(payload)) : null;
}
