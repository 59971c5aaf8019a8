import { z } from 'zod';
import type { EndpointAuth, ProbeResult } from '../../infra/mcp-target/index.ts';
import { isOAuthKind } from '../auth-profile/oauth/input.ts';
import { unsignedTokens } from '../auth-profile/oauth/tokens.ts';
import { createProfileIn, listProfileSecrets } from '../auth-profile/row.ts';
import { recording } from '../catalog/record.ts';
import { newId } from '../context/ids.ts';
import { sanitizeText } from '../context/sanitize.ts';
import { useCase } from '../context/use-case.ts';
import { checkAddress, maySave, probeMs } from './address.ts';
import { recordProbeIn } from './record-probe.ts';
import {
  type AuthInput,
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
import { putServerSecret, withSecrets } from './secrets.ts';

/**
 * Connects an MCP server: probes it, then saves it with its first auth profile and its catalog. When the probe fails
 * nothing is saved and `serverId` is null; `saveAnyway` saves the server unless it may not be called.
 * @throws ArmatureError `target_blocked`, `rate_limited`
 */
export const connectServer = useCase({
  name: 'server.connect',
  access: 'admin',
  input: z.object({
    name: serverName.optional().describe('Without it, the name that the server gives itself, else its host.'),
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
    {
      name: chosen,
      transport,
      url: address,
      pathSecret,
      headers: given,
      auth,
      profileName,
      maxConcurrency,
      saveAnyway,
    },
  ): Promise<{ serverId: string | null; probe: ProbeResult }> {
    checkAddress(config, address);
    const { url, query, path } = splitUrl(address, pathSecret);
    const secret = { headers: newHeaders(given), query, path: newPath(path) };
    const at = now();
    const endpoint = {
      transport,
      url: address,
      headers: secret.headers,
      auth: toFirstAuth(auth),
      pathSecrets: secret.path,
    };
    const probe = await probes.run(orgId, () =>
      targets.probe(endpoint, { signal: new AbortController().signal, timeoutMs: probeMs }),
    );
    // Nobody can sign in before the server is saved.
    if (!maySave(probe, saveAnyway || isOAuthKind(auth.kind))) return { serverId: null, probe };
    const name = chosen ?? nameOf(probe, address);

    const serverId = newId();
    const put = [() => putServerSecret(secrets, orgId, secret), ...listProfileSecrets(secrets, orgId, auth)];
    await withSecrets(ctx.deps, orgId, put, ([secretRef = null, ...profileRefs]) =>
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
          await createProfileIn(tx, {
            row: { id: newId(), orgId, serverId, name: profileName, isDefault: true },
            auth,
            refs: profileRefs,
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

/** What the first probe uses: a profile that signs in by OAuth has no token yet. */
const toFirstAuth = (auth: AuthInput): EndpointAuth =>
  auth.kind === 'oauth_client_credentials' || auth.kind === 'oauth_authorization_code'
    ? { kind: 'oauth', tokens: unsignedTokens, secrets: [] }
    : auth;

/** What the server calls itself, if it does, else its host. */
function nameOf(probe: ProbeResult, address: string): string {
  const own = probe.ok ? sanitizeText(probe.server.name).trim() : '';
  return (own || new URL(address).host).slice(0, 200);
}
