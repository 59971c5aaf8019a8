/**
 * The client that the official conformance suite starts: Armature's own target client, which signs in as the suite's
 * authorization server answers. Arguments: the address of the server.
 */
import { z } from 'zod';
import { createSignIn } from '../../cli/oauth/sign-in.ts';
import { createMcpTargets, type EndpointAuth } from '../../infra/mcp-target/index.ts';
import { createOAuth } from '../../infra/oauth/index.ts';
import { createOutbound } from '../../infra/outbound/index.ts';

const { argv, env } = process;
const url = argv.at(-1) ?? '';
const scenario = env.MCP_CONFORMANCE_SCENARIO ?? '';
const context = z
  .looseObject({
    client_id: z.string().optional(),
    client_secret: z.string().optional(),
    private_key_pem: z.string().optional(),
    toolCalls: z.array(z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) })).optional(),
  })
  .parse(JSON.parse(env.MCP_CONFORMANCE_CONTEXT ?? '{}'));

const outbound = createOutbound({ allowedTargets: 'any' });
const signal = AbortSignal.timeout(25_000);
const transport = 'streamable_http' as const;
const signIn = createSignIn({
  oauth: createOAuth({ outbound, now: () => new Date() }),
  server: { url, transport, headers: {} },
  client: context.client_id
    ? { clientId: context.client_id, clientSecret: context.client_secret, privateKey: context.private_key_pem }
    : null,
  clientCredentials: scenario.startsWith('auth/client-credentials'),
  documentUrl: 'https://conformance-test.local/client-metadata.json',
  redirectUri: 'http://localhost:3000/callback',
  followsNewIssuer: true,
  // The suite's authorization server answers at once.
  async authorize(address) {
    const response = await fetch(address, { redirect: 'manual' });
    return new URL(response.headers.get('location') ?? '').searchParams;
  },
});
const auth: EndpointAuth = scenario.startsWith('auth/')
  ? { kind: 'oauth', tokens: signIn.tokens, secrets: [] }
  : { kind: 'none' };
const protocolVersion = env.MCP_CONFORMANCE_PROTOCOL_VERSION;
const targets = createMcpTargets({ outbound });
try {
  const endpoint = { transport, url, headers: {}, auth, ...(protocolVersion && { protocolVersion }) };
  const target = await targets.connect(endpoint, { signal });
  const [first] = target.tools;
  // This scenario wants the schema of its first tool back from its second one.
  const argumentsFor = (inputSchema: Schema) =>
    scenario.startsWith('json-schema-2020-12') ? { schema: first?.inputSchema } : sampleArguments(inputSchema);
  const calls =
    context.toolCalls ?? target.tools.map(({ name, inputSchema }) => ({ name, arguments: argumentsFor(inputSchema) }));
  // A call that fails is an answer for a test: the next one is made all the same.
  const failures: unknown[] = [];
  for (const call of calls)
    await target
      .callTool(call.name, call.arguments, { signal, timeoutMs: 10_000 })
      .catch((error: unknown) => failures.push(error));
  await target.close();
  if (failures.length > 0) throw failures[0];
} finally {
  await outbound.close();
  // What a refused connection leaves behind must not keep the suite waiting.
  setImmediate(() => process.exit());
}

type Schema = { [key: string]: unknown };

function sampleArguments(schema: Schema): { [name: string]: unknown } {
  const { properties = {} } = z.looseObject({ properties: z.record(z.string(), z.unknown()).optional() }).parse(schema);
  const sample = (property: unknown): unknown => {
    const { type } = z.looseObject({ type: z.unknown() }).catch({ type: 'string' }).parse(property);
    return type === 'number' || type === 'integer' ? 3 : type === 'boolean' ? true : type === 'object' ? {} : 'text';
  };
  return Object.fromEntries(Object.entries(properties).map(([name, property]) => [name, sample(property)]));
}
