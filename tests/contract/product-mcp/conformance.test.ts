import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, it } from 'vitest';
import { z } from 'zod';
import { addKey, type Exception, expectConformance, noSessions, noTasks } from '../../support/conformance.ts';
import { pathOf, publish, startApi } from '../../support/product-mcp/publish.ts';
import { type TestDeps, testDeps, testOrg } from '../../support/setup/context.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

/** What the suite's tools answer, as an API would: each is an operation of the published document. */
const answers: { [operation: string]: { status?: number; type: string; body: string | Buffer } } = {
  test_simple_text: { type: 'text/plain', body: 'This is a simple text response for testing.' },
  test_image_content: { type: 'image/png', body: png },
  test_audio_content: { type: 'audio/wav', body: Buffer.from('RIFF\u0000\u0000\u0000\u0000WAVEfmt ') },
  test_embedded_resource: { type: 'application/zip', body: Buffer.from([0x50, 0x4b, 3, 4, 0, 0]) },
  test_error_handling: { status: 500, type: 'text/plain', body: 'This tool intentionally returns an error.' },
};

let test: TestDeps;
let api: Awaited<ReturnType<typeof startApi>>;
let upstream: Server;
let proxy: Awaited<ReturnType<typeof addKey>>;

beforeAll(async () => {
  test = await testDeps({
    env: {
      ARMATURE_PRODUCT_MCP_CALLER_REQUESTS_PER_MINUTE: '1000000',
      ARMATURE_PRODUCT_MCP_REQUESTS_PER_MINUTE: '1000000',
    },
  });
  upstream = createServer((request, response) => {
    const {
      status = 200,
      type,
      body,
    } = answers[request.url?.slice(1) ?? ''] ?? { type: 'application/json', body: '{}' };
    response.writeHead(status, { 'content-type': type }).end(body);
  });
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  const { port } = z.object({ port: z.number() }).parse(upstream.address());
  const paths = Object.keys(answers).map((name) => [`/${name}`, { get: { operationId: name, responses: {} } }]);
  const { ctx } = await testOrg(test.deps);
  const product = await publish(ctx, {
    document: { openapi: '3.1.0', info: { title: 'Suite', version: '1' }, paths: Object.fromEntries(paths) },
    baseUrl: `http://127.0.0.1:${port}`,
    connection: { check: { kind: 'endpoint', path: '/me' } },
  });
  api = await startApi(test.deps);
  proxy = await addKey(`${api.origin}${pathOf(product)}`, 'credential-1');
});
afterAll(async () => {
  proxy?.close();
  await api?.close();
  upstream?.close();
  await test?.close();
});

const exceptions: Exception[] = [
  {
    reason: 'An HTTP API has answers of one content, and neither asks nor reports while it works.',
    says: /Unknown tool "test_|InputRequiredResult/,
    scenarios: [
      'tools-call-mixed-content',
      'tools-call-with-progress',
      'tools-call-sampling',
      'tools-call-elicitation',
      'elicitation-sep1034-defaults',
      'elicitation-sep1330-enums',
      'input-required-result-basic-elicitation',
      'input-required-result-basic-sampling',
      'input-required-result-basic-list-roots',
      'input-required-result-request-state',
      'input-required-result-multiple-input-requests',
      'input-required-result-multi-round',
      'input-required-result-missing-input-response',
      'input-required-result-result-type',
      'input-required-result-tampered-state',
      'input-required-result-capability-check',
      'input-required-result-ignore-extra-params',
    ],
  },
  {
    reason: "They look for tools of the suite's own server that no operation can become.",
    says: /^json-schema-2020-12-tool-found: |Not testable: server (exposes no tool|does not list the diagnostic tool)/,
    scenarios: ['json-schema-2020-12', 'http-custom-header-server-validation', 'server-stateless'],
  },
  {
    reason: 'A Product MCP declares tools alone.',
    says: /Method not found|got -32601|data\.uri is undefined/,
    scenarios: [
      'caching',
      'completion-complete',
      'input-required-result-non-tool-request',
      'logging-set-level',
      'tools-call-with-logging',
      'prompts-list',
      'prompts-get-simple',
      'prompts-get-with-args',
      'prompts-get-embedded-resource',
      'prompts-get-with-image',
      'resources-list',
      'resources-read-text',
      'resources-read-binary',
      'resources-templates-read',
      'resources-subscribe',
      'resources-unsubscribe',
      'sep-2164-resource-not-found',
    ],
  },
  noSessions,
  noTasks,
];

it('passes the official conformance suite in both revisions, except for what does not apply here', async () => {
  const passed = ['tools-list', 'tools-call-simple-text', 'tools-call-image', 'tools-call-audio'];
  await expectConformance(proxy.url, {
    exceptions,
    passed: [...passed, 'tools-call-embedded-resource', 'tools-call-error'],
  });
});
