/** A span that others belong under, as Temporal's headers carry it. `isSampled` is null until a process decides. */
export type TraceCarrier = { traceId: string; spanId: string; isSampled: boolean | null };

export type WorkflowSpan = TraceCarrier & { parentSpanId: string | null };

/** The header of Temporal workflows and activities that holds a `TraceCarrier`. */
export const traceHeader = 'armature-trace';

/**
 * The span of a Temporal workflow. Its ids derive from the workflow's run id (a UUID), so that every replay has the
 * same ones. Without a parent, the run id is the trace id.
 */
export function toWorkflowSpan(temporalRunId: string, parent: TraceCarrier | null): WorkflowSpan {
  const hex = temporalRunId.replaceAll('-', '');
  return {
    traceId: parent?.traceId ?? hex,
    spanId: hex.slice(-16),
    parentSpanId: parent?.spanId ?? null,
    isSampled: parent?.isSampled ?? null,
  };
}
