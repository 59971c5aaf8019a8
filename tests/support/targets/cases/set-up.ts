import { afterAll, beforeAll } from 'vitest';
import { createMcpTargets, type Endpoint, type McpTargets } from '../../../../infra/mcp-target/index.ts';
import { createOutbound } from '../../../../infra/outbound/index.ts';
import { endpoint } from '../harness.ts';
import type { Listening } from '../http.ts';
import type { Case } from './case.ts';
import { httpCases } from './index.ts';
import { serveCases } from './server.ts';
import { serveSseCases, sseCases } from './sse.ts';

/** The servers of all cases, for the tests of a file, and targets that may reach them. */
export function setUpCases(): {
  /** Those over Streamable HTTP. */
  cases: { [name: string]: Case };
  targets: McpTargets;
  /** @param transport by default that of the case */
  toEndpoint(name: string, transport?: Endpoint['transport']): Endpoint;
} {
  const cases: { [name: string]: Case } = Object.assign({}, ...Object.values(httpCases));
  const outbound = createOutbound({ allowedTargets: ['127.0.0.0/8', 'localhost'] });
  let http: Listening;
  let sse: Listening;
  beforeAll(async () => {
    http = await serveCases(cases);
    sse = await serveSseCases(sseCases);
  });
  afterAll(async () => {
    await outbound.close();
    await http.close();
    await sse.close();
  });
  return {
    cases,
    targets: createMcpTargets({ outbound }),
    toEndpoint: (name, transport = name in sseCases ? 'sse' : 'streamable_http') =>
      endpoint(transport === 'sse' ? `${sse.origin}/${name}/sse` : `${http.origin}/${name}`, { transport }),
  };
}
