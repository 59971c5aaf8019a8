import { z } from 'zod';
import type { ProbeResult } from '../../infra/mcp-target/index.ts';
import { recording } from '../catalog/record.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { checkAddress, maySave, probeMs } from './address.ts';
import { recordProbeIn } from './record-probe.ts';
import {
  authInput,
  headersInput,
  maxConcurrency,
  newHeaders,
  newPath,
  pathSecretInput,
  profileName,
  serverName,
  serverUrl,
  splitUrl,
  transport,
} from './schema.ts';
import { putCredential, putServerSecret, withSecrets } from './secrets.ts';

/**
 * Connects an MCP server: probes it, then saves it with its first auth profile and its catalog. When the probe fails
 * nothing is saved and `serverId` is null; `saveAnyway` saves the server unless it may not be called.
 * @throws ArmatureError `target_blocked`, `rate_limited`
 */
export const connectServer = useCase({
  name: 'server.connect',
  access: 'admin',
  input: z.object({
    name: serverName,
    transport,
    url: serverUrl,
    pathSecret: pathSecretInput.default([]),
    headers: headersInput.default({}),
    auth: authInput,
    profileName: profileName.default('Default'),
    maxConcurrency: maxConcurrency.default(4),
    saveAnyway: z.boolean().default(false),
  }),
  async run(
    { ctx, orgId, config, secrets, targets, probes, write, now },
    { name, transport, url: address, pathSecret, headers: given, auth, profileName, maxConcurrency, saveAnyway },
  ): Promise<{ serverId: string | null; probe: ProbeResult }> {
    checkAddress(config, address);
    const { url, query, path } = splitUrl(address, pathSecret);
    const secret = { headers: newHeaders(given), query, path: newPath(path) };
    const at = now();
    const endpoint = { transport, url: address, headers: secret.headers, auth, pathSecrets: secret.path };
    const probe = await probes.run(orgId, () =>
      targets.probe(endpoint, { signal: new AbortController().signal, timeoutMs: probeMs }),
    );
    if (!maySave(probe, saveAnyway)) return { serverId: null, probe };

    const serverId = newId();
    const put = [() => putServerSecret(secrets, orgId, secret), () => putCredential(secrets, orgId, auth)] as const;
    await withSecrets(ctx.deps, orgId, put, ([secretRef = null, credentialRef = null]) =>
      write(
        async (tx) => {
          await tx.server.create({
            data: {
              id: serverId,
              orgId,
              name,
              transport,
              url,
              queryNames: Object.keys(query),
              headerNames: Object.keys(secret.headers),
              secretRef,
              maxConcurrency,
            },
          });
          await tx.authProfile.create({
            data: {
              id: newId(),
              orgId,
              serverId,
              name: profileName,
              kind: auth.kind,
              header: auth.kind === 'api_key_header' ? auth.header : null,
              secretRef: credentialRef,
              isDefault: true,
            },
          });
          await recordProbeIn(tx, ctx.deps, { orgId, serverId, kind: 'probe', probe, at });
        },
        { subject: serverId, data: { name, transport, url, auth: auth.kind, ok: probe.ok } },
        recording,
      ),
    );
    return { serverId, probe };
  },
});
