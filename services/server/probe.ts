import { z } from 'zod';
import type { ProbeResult } from '../../infra/mcp-target/index.ts';
import { useCase } from '../context/use-case.ts';
import { checkAddress, probeMs } from './address.ts';
import { authInput, headersInput, newHeaders, serverUrl, transport } from './schema.ts';

/**
 * Probes a server that isn't saved. Stores nothing.
 * @throws ArmatureError `target_blocked`
 */
export const probeServer = useCase({
  name: 'server.probe',
  access: 'admin',
  input: z.object({ transport, url: serverUrl, headers: headersInput.default({}), auth: authInput }),
  async run({ config, targets }, { transport, url, headers, auth }): Promise<{ probe: ProbeResult }> {
    checkAddress(config, url);
    const endpoint = { transport, url, headers: newHeaders(headers), auth };
    return { probe: await targets.probe(endpoint, { signal: new AbortController().signal, timeoutMs: probeMs }) };
  },
});
