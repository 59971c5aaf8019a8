import { z } from 'zod';

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
] as const;

/** An empty variable is an unset one, as OpenTelemetry says. */
const orUnset = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

/** Variables of the OpenTelemetry specification. */
export const telemetryVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: orUnset(
    z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// URL, such as http://collector:4318' }),
  ),
  OTEL_EXPORTER_OTLP_HEADERS: z.string().default(''),
  OTEL_EXPORTER_OTLP_PROTOCOL: orUnset(
    z.literal('http/protobuf', {
      error: 'must be http/protobuf, which collectors receive on port 4318. gRPC and JSON are not supported',
    }),
  ),
  OTEL_SERVICE_NAME: z.string().default(''),
  OTEL_RESOURCE_ATTRIBUTES: z.string().default(''),
  OTEL_TRACES_SAMPLER: orUnset(z.enum(samplers)),
  OTEL_TRACES_SAMPLER_ARG: orUnset(z.coerce.number().min(0).max(1)),
  OTEL_BSP_SCHEDULE_DELAY: orUnset(z.coerce.number().int().min(1)),
  OTEL_BSP_MAX_QUEUE_SIZE: orUnset(z.coerce.number().int().min(1)),
  OTEL_SDK_DISABLED: z.string().default(''),
};

type Variables = z.output<z.ZodObject<typeof telemetryVariables>>;

/** Null: no traces. */
export function readTelemetry(env: Variables) {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } = env;
  if (endpoint === undefined || env.OTEL_SDK_DISABLED.toLowerCase() === 'true') return null;
  return {
    endpoint: endpoint.replace(/\/+$/, ''),
    headers: env.OTEL_EXPORTER_OTLP_HEADERS,
    /** Empty: one name per kind of process. */
    serviceName: env.OTEL_SERVICE_NAME,
    resourceAttributes: env.OTEL_RESOURCE_ATTRIBUTES,
    sampler: {
      name: env.OTEL_TRACES_SAMPLER ?? 'parentbased_always_on',
      ratio: env.OTEL_TRACES_SAMPLER_ARG ?? 1,
    },
    /** Longest time before spans are sent, in milliseconds. */
    sendAfterMs: env.OTEL_BSP_SCHEDULE_DELAY ?? 5000,
    /** Spans that wait to be sent. More are dropped. */
    maxWaiting: env.OTEL_BSP_MAX_QUEUE_SIZE ?? 2048,
  };
}
