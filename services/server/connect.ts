import { z } from 'zod';
import { defaultConcurrency, type ProbeResult } from '../../infra/mcp-target/index.ts';
import { newId } from '../context/ids.ts';
import { useCase } from '../context/use-case.ts';
import { checkAddress, maySave, probeMs } from './address.ts';
import { recordProbeIn } from './record-probe.ts';
import {
  authInput,
  headersInput,
  maxConcurrency,
  newHeaders,
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
 * @throws ArmatureError `target_blocked`
 */
export const connectServer = useCase({
  name: 'server.connect',
  access: 'admin',
  input: z.object({
    name: serverName,
    transport,
    url: serverUrl,
    headers: headersInput.default({}),
    auth: authInput,
    profileName: profileName.default('Default'),
    maxConcurrency: maxConcurrency.default(defaultConcurrency),
    saveAnyway: z.boolean().default(false),
  }),
  async run(
    { ctx, orgId, config, secrets, targets, write, now },
    { name, transport, url: address, headers: given, auth, profileName, maxConcurrency, saveAnyway },
  ): Promise<{ serverId: string | null; probe: ProbeResult }> {
    checkAddress(config, address);
    const headers = newHeaders(given);
    const at = now();
    const probe = await targets.probe(
      { transport, url: address, headers, auth },
      { signal: new AbortController().signal, timeoutMs: probeMs },
    );
    if (!maySave(probe, saveAnyway)) return { serverId: null, probe };

    const { url, query } = splitUrl(address);
    const serverId = newId();
    const put = [
      () => putServerSecret(secrets, orgId, { headers, query }),
      () => putCredential(secrets, orgId, auth),
    ] as const;
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
              headerNames: Object.keys(headers),
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
      ),
    );
    return { serverId, probe };
  },
});
