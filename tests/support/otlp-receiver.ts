import { createServer } from 'node:http';
import { gunzipSync } from 'node:zlib';
import protobuf from 'protobufjs';
import { z } from 'zod';

/** The part of OpenTelemetry's `trace_service.proto` that tests read. */
const proto = `
  syntax = "proto3";
  message ExportTraceServiceRequest { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message Resource { repeated KeyValue attributes = 1; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1; bytes span_id = 2; bytes parent_span_id = 4; string name = 5; int32 kind = 6;
    fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
    repeated Event events = 11; repeated Link links = 13; Status status = 15;
  }
  message Event { string name = 2; repeated KeyValue attributes = 3; }
  message Link { bytes trace_id = 1; bytes span_id = 2; }
  message Status { string message = 2; int32 code = 3; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4; }
  }`;
const requestType = protobuf.parse(proto).root.lookupType('ExportTraceServiceRequest');

const hex = z.instanceof(Uint8Array).transform((bytes) => Buffer.from(bytes).toString('hex'));
const value = z.union([
  z.object({ stringValue: z.string() }).transform((of) => of.stringValue),
  z.object({ boolValue: z.boolean() }).transform((of) => of.boolValue),
  z.object({ intValue: z.string() }).transform((of) => Number(of.intValue)),
  z.object({ doubleValue: z.number() }).transform((of) => of.doubleValue),
]);
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .default([])
  .transform((list) => Object.fromEntries(list.map((attribute) => [attribute.key, attribute.value])));
const span = z.object({
  traceId: hex,
  spanId: hex,
  parentSpanId: hex.default(''),
  name: z.string(),
  startTimeUnixNano: z.string().transform(BigInt),
  endTimeUnixNano: z.string().transform(BigInt),
  attributes,
  events: z.array(z.unknown()).default([]),
  links: z.array(z.object({ traceId: hex, spanId: hex })).default([]),
  status: z.object({ code: z.number().default(0), message: z.string().default('') }).default({ code: 0, message: '' }),
});
const exported = z.object({
  resourceSpans: z
    .array(z.object({ resource: z.object({ attributes }), scopeSpans: z.array(z.object({ spans: z.array(span) })) }))
    .default([]),
});

export type ReceivedSpan = z.output<typeof span> & { service: unknown };

/** Receives traces as a collector does: OTLP over HTTP, in protobuf. */
export async function startOtlpReceiver() {
  const spans: ReceivedSpan[] = [];
  const headers: NodeJS.Dict<string | string[]>[] = [];
  const bodies: Buffer[] = [];
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
    if (request.method !== 'POST' || request.url !== '/v1/traces') return response.writeHead(404).end();
    headers.push(request.headers);
    bodies.push(body);
    const message = requestType.toObject(requestType.decode(body), { longs: String });
    for (const { resource, scopeSpans } of exported.parse(message).resourceSpans)
      for (const scope of scopeSpans)
        for (const each of scope.spans) spans.push({ ...each, service: resource.attributes['service.name'] });
    response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The receiver listens on no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    spans,
    headers,
    /** Everything received, as text to search in. */
    text: () => Buffer.concat(bodies).toString('latin1'),
    close: () =>
      new Promise<void>((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** Names of a span and of those above it, innermost first. */
export function findPath(spans: readonly ReceivedSpan[], from: ReceivedSpan): string[] {
  const parent = spans.find(({ traceId, spanId }) => traceId === from.traceId && spanId === from.parentSpanId);
  if (from.parentSpanId !== '' && !parent) return [from.name, `(missing ${from.parentSpanId})`];
  return parent ? [from.name, ...findPath(spans, parent)] : [from.name];
}
