import { afterAll, expect, it } from 'vitest';
import { serve } from '../../../tests/support/targets/http.ts';
import { createOutbound } from '../../outbound/index.ts';
import { createMcpTargets } from '../index.ts';

const outbound = createOutbound({ allowedTargets: 'any' });
afterAll(() => outbound.close());

it.each([
  ['a token', { kind: 'bearer' as const, token: 'a-token-of-the-test' }],
  ['a key', { kind: 'api_key_header' as const, header: 'X-Key', value: 'a-key-of-the-test' }],
  ['nothing', { kind: 'none' as const }],
])('sends no made-up credentials to a server that announces no OAuth, called with %s', async (_, auth) => {
  const used = new Set<unknown>();
  const server = await serve(({ headers }, response) => {
    used.add(headers.authorization ?? headers['x-key']);
    response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
  });
  const survey = await createMcpTargets({ outbound }).survey(
    { transport: 'streamable_http', url: `${server.origin}/mcp`, headers: {}, auth },
    {
      signal: new AbortController().signal,
      mayTryTokens: () => Promise.reject(new Error('Nobody needs to ask.')),
    },
  );
  await server.close();
  expect(survey.withoutTokens).toMatch(/announces no OAuth metadata/);
  expect([...used].filter((value) => value !== undefined)).toEqual(
    auth.kind === 'none' ? [] : [auth.kind === 'bearer' ? `Bearer ${auth.token}` : auth.value],
  );
});
