import { z } from 'zod';
import type { ProbeResult } from '../../infra/mcp-target/index.ts';
import { useCase } from '../context/use-case.ts';
import { checkAddress, probeMs } from './address.ts';
import {
  headersInput,
  newHeaders,
  newPath,
  pathSecretInput,
  serverUrl,
  splitUrl,
  staticAuth,
  transport,
} from './schema.ts';

/**
 * Probes a server that isn't saved. Stores nothing.
 * @throws ArmatureError `target_blocked`, `rate_limited`
 */
export const probeServer = useCase({
  name: 'server.probe',
  access: 'admin',
  input: z.object({
    transport,
    url: serverUrl,
    pathSecret: pathSecretInput.default([]),
    headers: headersInput.default({}),
    auth: staticAuth,
  }),
  async run(
    { orgId, config, targets, probes },
    { transport, url, pathSecret, headers, auth },
  ): Promise<{ probe: ProbeResult }> {
    checkAddress(config, url);
    const endpoint = {
      transport,
      url,
      headers: newHeaders(headers),
      auth,
      pathSecrets: newPath(splitUrl(url, pathSecret).path),
    };
    const probe = await probes.run(orgId, () =>
      targets.probe(endpoint, { signal: new AbortController().signal, timeoutMs: probeMs }),
    );
    return { probe };
  },
});
