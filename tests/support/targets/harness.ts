import { afterEach, expect } from 'vitest';
import type { Endpoint, TargetError } from '../../../infra/mcp-target/index.ts';
import { createMcpTargets, isTargetError, type McpTargets } from '../../../infra/mcp-target/index.ts';
import { createOutbound, type OutboundOptions } from '../../../infra/outbound/index.ts';

type Closable = { close(): Promise<void> };

/** Targets for the tests of a file; what was started is closed after each. */
export function setUpTargets(): {
  targets(options?: Partial<OutboundOptions> & { maxResultBytes?: number }): McpTargets;
  started<T extends Closable>(starting: Promise<T>): Promise<T>;
} {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  return {
    targets({ maxResultBytes, ...options } = {}) {
      const outbound = createOutbound({ allowedTargets: ['127.0.0.0/8'], ...options });
      closing.push(outbound.close);
      return createMcpTargets({ outbound, ...(maxResultBytes !== undefined && { maxResultBytes }) });
    },
    async started(starting) {
      const server = await starting;
      closing.push(() => server.close());
      return server;
    },
  };
}

export const endpoint = (url: string, rest: Partial<Endpoint> = {}): Endpoint => ({
  transport: 'streamable_http',
  url,
  headers: {},
  auth: { kind: 'none' },
  ...rest,
});

export async function failureOf(work: Promise<unknown>): Promise<TargetError> {
  try {
    await work;
  } catch (error) {
    if (isTargetError(error)) return error;
    throw error;
  }
  return expect.unreachable('should have failed');
}
