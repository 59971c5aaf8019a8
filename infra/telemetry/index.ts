import type { ClientInterceptors } from '@temporalio/client';
import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from '../config/index.ts';
import type { Logger } from '../logger/index.ts';

export type SpanAttributes = { [name: string]: string | number | boolean | undefined };

export type SpanOptions = {
  /** @default internal */
  kind?: 'internal' | 'server' | 'client';
  /** Ids, names, numbers and kinds only: never a prompt, an argument, a result, a message or a credential. */
  attributes?: SpanAttributes;
  /** Header `traceparent` of a caller, whose span is linked. */
  linkTo?: string | undefined;
};

export type OpenSpan = {
  set(attributes: SpanAttributes): void;
  rename(name: string): void;
  /** Marks the span as failed. `errorType`: a code or kind, with few different values. */
  fail(errorType: string): void;
};

export type CurrentSpan = { traceId: string; spanId: string; isSampled: boolean };

/** Traces for OpenTelemetry. */
export type Telemetry = {
  /** Does the work within a span. An error marks it as failed by its kind alone: messages may quote what is secret. */
  span<T>(name: string, options: SpanOptions, work: (span: OpenSpan) => Promise<T>): Promise<T>;
  /** The span that this code runs in. */
  current(): CurrentSpan | null;
  /** What connects the spans on both sides of Temporal. Null if traces are off. */
  temporal: {
    client: ClientInterceptors;
    worker: Required<Pick<WorkerOptions, 'interceptors' | 'sinks'>>;
  } | null;
  /** Sends what has not been sent yet. */
  close(): Promise<void>;
};

const noSpan: OpenSpan = { set: () => {}, rename: () => {}, fail: () => {} };

export const noTelemetry: Telemetry = {
  span: (_name, _options, work) => work(noSpan),
  current: () => null,
  temporal: null,
  close: async () => {},
};

/**
 * Sends traces to the configured endpoint. Without one, does nothing and loads no package of OpenTelemetry.
 * @param options.log gets a warning when traces can't be sent
 */
export async function createTelemetry(
  config: Config['telemetry'],
  options: { process: string; log: Logger },
): Promise<Telemetry> {
  if (config === null) return noTelemetry;
  const { createTracing } = await import('./tracing.ts');
  return createTracing(config, options);
}

/** Connects log lines with traces, by the names of OpenTelemetry's conventions. */
export function toLogFields({ current }: Telemetry): { trace_id?: string; span_id?: string } {
  const span = current();
  return span ? { trace_id: span.traceId, span_id: span.spanId } : {};
}
