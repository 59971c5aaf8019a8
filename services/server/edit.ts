import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import { givenId } from '../../domain/values/id.ts';
import type { Endpoint, EndpointAuth, ProbeResult } from '../../infra/mcp-target/index.ts';
import { SecretsKeyError } from '../../infra/secrets/index.ts';
import { signOutMovedIn } from '../auth-profile/oauth/moved.ts';
import { noTokens } from '../auth-profile/oauth/stored.ts';
import { createTokenSource, unsignedTokens } from '../auth-profile/oauth/tokens.ts';
import { recording } from '../catalog/record.ts';
import type { Deps } from '../context/context.ts';
import { useCase } from '../context/use-case.ts';
import { startDeliveries } from '../delivery/start.ts';
import { checkAddress, maySave, probeMs } from './address.ts';
import { serverArchived, serverNotFound } from './errors.ts';
import { lockServer } from './lock.ts';
import { recordProbeIn } from './record-probe.ts';
import {
  headersInput,
  joinUrl,
  maxConcurrency,
  pathSecretInput,
  refuseWeak,
  serverName,
  serverUrl,
  splitUrl,
  syncEveryMinutes,
  transport,
} from './schema.ts';
import { mergeCredentials, mergeSecret, type StoredProfile } from './secret/kept.ts';
import {
  destroySecrets,
  putCredential,
  putServerSecret,
  readAuth,
  readServerSecret,
  retryOnMissingSecret,
  withSecrets,
} from './secrets.ts';

const expectedServer = z
  .object({
    name: z.string(),
    transport: z.string(),
    url: z.string(),
    queryNames: z.array(z.string()),
    headerNames: z.array(z.string()),
    maxConcurrency: z.int(),
    syncEveryMinutes: z.int(),
  })
  .partial()
  .describe('What the caller takes to be stored. Where it is something else by now, nothing is saved.');

/**
 * Changes a server. Absent fields stay. A change of address, transport or headers probes the server first, and is saved
 * only when it answers or with `saveAnyway`.
 *
 * Empty query values and headers with null keep their stored secrets. Not when the address moves to another origin: an
 * editor must not be able to have secrets sent elsewhere. All of them are typed again then, those of auth profiles in
 * `credentials` (by profile id).
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `target_blocked`, `validation_failed`,
 *   `conflict`, `rate_limited`
 */
export const editServer = useCase({
  name: 'server.edit',
  access: 'admin',
  input: z.object({
    serverId: givenId,
    name: serverName.optional(),
    transport: transport.optional(),
    url: serverUrl.optional(),
    /** Without it, `…` in the URL keeps the stored secret of its path. */
    pathSecret: pathSecretInput.default([]),
    headers: headersInput.optional(),
    maxConcurrency: maxConcurrency.optional(),
    syncEveryMinutes: syncEveryMinutes.optional(),
    credentials: z.record(z.uuid(), z.string().min(1).max(8000).superRefine(refuseWeak)).default({}),
    saveAnyway: z.boolean().default(false),
    expected: expectedServer.default({}),
  }),
  async run(
    { ctx, orgId, config, secrets, targets, probes, write, now },
    input,
  ): Promise<{ saved: boolean; probe: ProbeResult | null }> {
    const { serverId, name, maxConcurrency, syncEveryMinutes } = input;
    const expected = toCondition(input.expected);
    const before = await retryOnMissingSecret(() => load(ctx.deps, orgId, serverId));
    const plain = {
      ...(name !== undefined && { name }),
      ...(maxConcurrency !== undefined && { maxConcurrency }),
      ...(syncEveryMinutes !== undefined && { syncEveryMinutes }),
    };
    const audit = (data: object) => ({ subject: serverId, data: { ...plain, ...data } });
    if (input.url === undefined && input.transport === undefined && input.headers === undefined) {
      await write(async (tx) => {
        await lockServer(tx, { orgId, serverId });
        const { count } = await tx.server.updateMany({ where: { orgId, id: serverId, ...expected }, data: plain });
        if (count === 0) throw changedMeanwhile();
      }, audit({}));
      return { saved: true, probe: null };
    }

    const { url, query, path } = splitUrl(input.url ?? before.url, input.pathSecret);
    checkAddress(config, url);
    const moved = new URL(url).origin !== new URL(before.url).origin;
    const secret = mergeSecret(before, {
      moved,
      headers: input.headers,
      query: input.url === undefined ? null : query,
      path,
    });
    const auths = mergeCredentials(before.profiles, moved, input.credentials);
    const nextTransport = input.transport ?? transport.parse(before.transport);
    const at = now();
    const endpoint: Endpoint = {
      transport: nextTransport,
      url: joinUrl(url, secret.query, secret.path),
      pathSecrets: secret.path,
      headers: secret.headers,
      auth: toProbeAuth(auths.find(({ isDefault }) => isDefault)?.auth ?? { kind: 'none' }, moved),
    };
    const probe = await probes.run(orgId, () =>
      targets.probe(endpoint, { signal: new AbortController().signal, timeoutMs: probeMs }),
    );
    if (!maySave(probe, input.saveAnyway)) return { saved: false, probe };

    const fresh = auths.flatMap(({ auth, ...rest }) =>
      rest.isRetyped && auth.kind !== 'oauth' ? [{ ...rest, auth }] : [],
    );
    const signedOff = auths.filter(({ auth }) => moved && auth.kind === 'oauth');
    const put = [
      () => putServerSecret(secrets, orgId, secret),
      ...fresh.map(
        ({ auth }) =>
          () =>
            putCredential(secrets, orgId, auth),
      ),
      ...signedOff.map(() => () => secrets.put(orgId, noTokens)),
    ];
    const { deliveries, dropped } = await withSecrets(ctx.deps, orgId, put, ([secretRef = null, ...refs]) =>
      write(
        async (tx) => {
          await lockServer(tx, { orgId, serverId });
          const { count } = await tx.server.updateMany({
            // Kept values were read before the probe: an edit since then must not be undone.
            where: { orgId, id: serverId, secretRef: before.secretRef, AND: [{ url: before.url }, expected] },
            data: {
              ...plain,
              url,
              transport: nextTransport,
              queryNames: Object.keys(secret.query),
              headerNames: Object.keys(secret.headers),
              secretRef,
              protocolVersion: null,
            },
          });
          if (count === 0) throw changedMeanwhile();
          for (const [index, { id, secretRef: old }] of fresh.entries()) {
            const swapped = await tx.authProfile.updateMany({
              where: { orgId, id, archivedAt: null, secretRef: old },
              data: { secretRef: refs[index] ?? null },
            });
            if (swapped.count === 0) throw changedMeanwhile();
          }
          const dropped = [];
          for (const [index, { id }] of signedOff.entries())
            dropped.push(...(await signOutMovedIn(tx, { orgId, id, tokenRef: refs[fresh.length + index] ?? null })));
          // The credential of a profile added since would be sent to the new address.
          if (moved) {
            const profiles = await tx.authProfile.count({ where: { orgId, serverId, archivedAt: null } });
            if (profiles !== before.profiles.length) throw changedMeanwhile();
          }
          return { ...(await recordProbeIn(tx, ctx.deps, { orgId, serverId, kind: 'probe', probe, at })), dropped };
        },
        audit({ url, transport: nextTransport, headers: Object.keys(secret.headers), ok: probe.ok }),
        recording,
      ),
    );
    await startDeliveries(ctx.deps, deliveries);
    await destroySecrets(ctx.deps, orgId, [before.secretRef, ...fresh.map(({ secretRef }) => secretRef), ...dropped]);
    return { saved: true, probe };
  },
});

/** Its tokens are for the address that it leaves. */
const toProbeAuth = (auth: EndpointAuth, moved: boolean): EndpointAuth =>
  moved && auth.kind === 'oauth' ? { ...auth, tokens: unsignedTokens } : auth;

const toCondition = ({ queryNames, headerNames, ...plain }: z.infer<typeof expectedServer>) => ({
  ...(plain.name !== undefined && { name: plain.name }),
  ...(plain.transport !== undefined && { transport: plain.transport }),
  ...(plain.url !== undefined && { url: plain.url }),
  ...(plain.maxConcurrency !== undefined && { maxConcurrency: plain.maxConcurrency }),
  ...(plain.syncEveryMinutes !== undefined && { syncEveryMinutes: plain.syncEveryMinutes }),
  ...(queryNames && { queryNames: { equals: queryNames } }),
  ...(headerNames && { headerNames: { equals: headerNames } }),
});

async function load(deps: Deps, orgId: string, serverId: string) {
  const { db, secrets } = deps;
  const row = await db.server.findFirst({
    where: { orgId, id: serverId },
    include: { authProfiles: { where: { archivedAt: null }, include: { oauth: true } } },
  });
  if (!row) throw serverNotFound();
  if (row.archivedAt) throw serverArchived();
  const profiles: StoredProfile[] = await Promise.all(
    row.authProfiles.map(async (profile) => {
      const { id, name, isDefault, kind, header, secretRef } = profile;
      const auth = await ifReadable(readAuth(secrets, orgId, profile, (ref) => createTokenSource(deps, ref)));
      return {
        id,
        name,
        isDefault,
        secretRef,
        auth: auth ?? withoutCredential(kind, header),
        isReadable: auth !== null,
      };
    }),
  );
  return {
    url: row.url,
    transport: row.transport,
    secretRef: row.secretRef,
    /** Null: it can't be read. */
    secret: await ifReadable(readServerSecret(secrets, orgId, row.secretRef)),
    names: { headers: row.headerNames, query: row.queryNames },
    profiles,
  };
}

async function ifReadable<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof SecretsKeyError) return null;
    throw error;
  }
}

const withoutCredential = (kind: string, header: string | null): EndpointAuth =>
  kind === 'bearer' ? { kind, token: '' } : { kind: 'api_key_header', header: header ?? '', value: '' };

const changedMeanwhile = (): ArmatureError =>
  new ArmatureError(
    'conflict',
    'Somebody else changed this server in the meantime.',
    'Open it again and repeat your change.',
  );
