import { z } from 'zod';
import type { ConnectStep, ProbeResult } from '../../infra/mcp-target/index.ts';
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

export type { ConnectStep };

/**
 * Probes a server that isn't saved. Stores nothing.
 * @throws `signal`'s reason when it is aborted
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
    /** Aborts the probe. */
    signal: z.instanceof(AbortSignal).optional(),
    onStep: z.custom<(step: ConnectStep) => void>((value) => typeof value === 'function').optional(),
  }),
  async run(
    { orgId, config, targets, probes },
    { transport, url, pathSecret, headers, auth, signal = new AbortController().signal, onStep },
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
      targets.probe(endpoint, { signal, timeoutMs: probeMs, ...(onStep && { onStep }) }),
    );
    return { probe };
  },
});
