/** Loaded only if traces are configured. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import { parseKeyPairsIntoRecord, parseTraceParent, setGlobalErrorHandler } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, RandomIdGenerator, SamplingDecision, TracerProvider } from '@opentelemetry/sdk-trace';
import { isModelError, isTargetError } from '../../agent/ports.ts';
import { isArmatureError } from '../../domain/error/error.ts';
import type { TraceCarrier, WorkflowSpan } from '../../domain/trace/carrier.ts';
import type { Config } from '../config/index.ts';
import type { Logger } from '../logger/index.ts';
import type { CurrentSpan, OpenSpan, SpanOptions, Telemetry } from './index.ts';
import { createSampler } from './sampler.ts';
import { createTemporalTracing } from './temporal.ts';

/** What the two sides of Temporal need, beside spans. */
export type Tracing = Pick<Telemetry, 'span' | 'current'> & {
  /** Does the work under a span of another process. */
  under<T>(parent: TraceCarrier | null, work: () => Promise<T>): Promise<T>;
  /** Records the span of a workflow that has ended. */
  recordWorkflow(
    span: WorkflowSpan,
    of: { name: string; startedAt: Date; failure: string | null; attributes: NonNullable<SpanOptions['attributes']> },
  ): void;
};

const kinds = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT };

/**
 * Spans of Armature's own code alone: nothing is registered globally, so that no library adds spans with attributes
 * that nobody here has looked at.
 */
export function createTracing(
  config: NonNullable<Config['telemetry']>,
  { process, log }: { process: string; log: Logger },
): Telemetry {
  setGlobalErrorHandler((error) => log.warn({ error: toMessage(error) }, 'traces could not be sent'));
  const sampler = createSampler(config.sampler);
  const ids = createIds();
  const provider = new TracerProvider({
    sampler,
    idGenerator: ids,
    resource: resourceFromAttributes({
      'service.name': `armature-${process}`,
      ...parseKeyPairsIntoRecord(config.resourceAttributes),
      ...(config.serviceName && { 'service.name': config.serviceName }),
    }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({
          url: `${config.endpoint}/v1/traces`,
          headers: parseKeyPairsIntoRecord(config.headers),
        }),
        scheduledDelayMillis: config.sendAfterMs,
        maxQueueSize: config.maxWaiting,
      }),
    ],
  });
  const tracer = provider.getTracer('armature');
  const active = new AsyncLocalStorage<Context>();
  const isSampled = ({ traceId, isSampled: decided }: TraceCarrier): boolean =>
    decided ??
    sampler.shouldSample(ROOT_CONTEXT, traceId, '', SpanKind.INTERNAL, {}, []).decision ===
      SamplingDecision.RECORD_AND_SAMPLED;
  const toContext = (carrier: TraceCarrier): Context =>
    trace.setSpanContext(ROOT_CONTEXT, {
      traceId: carrier.traceId,
      spanId: carrier.spanId,
      traceFlags: isSampled(carrier) ? TraceFlags.SAMPLED : TraceFlags.NONE,
      isRemote: true,
    });

  const tracing: Tracing = {
    span(name, { kind = 'internal', attributes = {}, linkTo }, work) {
      const parent = active.getStore() ?? ROOT_CONTEXT;
      const linked = linkTo === undefined ? null : parseTraceParent(linkTo);
      const links = linked ? [{ context: linked }] : [];
      const span = tracer.startSpan(name, { kind: kinds[kind], attributes, links }, parent);
      const open: OpenSpan = {
        set: (more) => void span.setAttributes(more),
        rename: (better) => void span.updateName(better),
        fail: (errorType) => void span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR }),
      };
      return active.run(trace.setSpan(parent, span), async () => {
        try {
          return await work(open);
        } catch (error) {
          open.fail(toErrorType(error));
          throw error;
        } finally {
          span.end();
        }
      });
    },

    current(): CurrentSpan | null {
      const context = active.getStore();
      const span = context && trace.getSpanContext(context);
      if (!span) return null;
      return { traceId: span.traceId, spanId: span.spanId, isSampled: (span.traceFlags & TraceFlags.SAMPLED) !== 0 };
    },

    under: (parent, work) => (parent ? active.run(toContext(parent), work) : work()),

    recordWorkflow({ parentSpanId, ...own }, { name, startedAt, failure, attributes }) {
      const parent = parentSpanId === null ? ROOT_CONTEXT : toContext({ ...own, spanId: parentSpanId });
      const span = ids.withIds(own, () =>
        tracer.startSpan(name, { kind: SpanKind.SERVER, startTime: startedAt, attributes }, parent),
      );
      if (failure !== null) span.setAttribute('error.type', failure).setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    },
  };

  return {
    span: tracing.span,
    current: tracing.current,
    temporal: createTemporalTracing(tracing),
    async close() {
      try {
        await provider.shutdown();
      } catch (error) {
        log.warn({ error: toMessage(error) }, 'the last traces could not be sent');
      }
    },
  };
}

/** Random ids, except for the span of a workflow, which has the ids that others refer to. */
function createIds() {
  const random = new RandomIdGenerator();
  let given: { traceId: string; spanId: string } | null = null;
  return {
    generateTraceId: () => given?.traceId ?? random.generateTraceId(),
    generateSpanId: () => given?.spanId ?? random.generateSpanId(),
    withIds<T>(ids: { traceId: string; spanId: string }, start: () => T): T {
      given = ids;
      try {
        return start();
      } finally {
        given = null;
      }
    },
  };
}

function toErrorType(error: unknown): string {
  if (isArmatureError(error)) return error.code;
  if (isTargetError(error) || isModelError(error)) return error.kind;
  return error instanceof Error ? error.name : 'Error';
}

const toMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
