import { z } from 'zod';
import { ArmatureError, type FieldError } from '../../domain/error/error.ts';
import type { Endpoint, EndpointAuth, ProbeResult } from '../../infra/mcp-target/index.ts';
import type { Deps } from '../context/context.ts';
import { validationError } from '../context/errors.ts';
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
  serverName,
  serverUrl,
  splitUrl,
  syncEveryMinutes,
  transport,
} from './schema.ts';
import {
  destroySecrets,
  putCredential,
  putServerSecret,
  readAuth,
  readServerSecret,
  retryOnMissingSecret,
  type ServerSecret,
  withSecrets,
} from './secrets.ts';

/**
 * Changes a server. Absent fields stay. A change of address, transport or headers probes the server first, and is saved
 * only when it answers or with `saveAnyway`.
 *
 * Empty query values and headers with null keep their stored secrets. Not when the address moves to another origin: an
 * editor must not be able to have secrets sent elsewhere. All of them are typed again then, those of auth profiles in
 * `credentials` (by profile id).
 * @throws ArmatureError `mcp_server_not_found`, `mcp_server_archived`, `target_blocked`, `validation_failed`,
 *   `conflict`
 */
export const editServer = useCase({
  name: 'server.edit',
  access: 'admin',
  input: z.object({
    serverId: z.uuid(),
    name: serverName.optional(),
    transport: transport.optional(),
    url: serverUrl.optional(),
    headers: headersInput.optional(),
    maxConcurrency: maxConcurrency.optional(),
    syncEveryMinutes: syncEveryMinutes.optional(),
    credentials: z.record(z.uuid(), z.string().min(1).max(8000)).default({}),
    saveAnyway: z.boolean().default(false),
  }),
  async run(
    { ctx, orgId, config, secrets, targets, write, now },
    input,
  ): Promise<{ saved: boolean; probe: ProbeResult | null }> {
    const { serverId, name, maxConcurrency, syncEveryMinutes } = input;
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
        await tx.server.updateMany({ where: { orgId, id: serverId }, data: plain });
      }, audit({}));
      return { saved: true, probe: null };
    }

    const { url, query } = splitUrl(input.url ?? before.url);
    checkAddress(config, url);
    const moved = new URL(url).origin !== new URL(before.url).origin;
    const secret = merge(before.secret, {
      moved,
      headers: input.headers,
      query: input.url === undefined ? null : query,
    });
    const auths = retyped(before.profiles, moved, input.credentials);
    const nextTransport = input.transport ?? transport.parse(before.transport);
    const at = now();
    const endpoint: Endpoint = {
      transport: nextTransport,
      url: joinUrl(url, secret.query),
      headers: secret.headers,
      auth: auths.find(({ isDefault }) => isDefault)?.auth ?? { kind: 'none' },
    };
    const probe = await targets.probe(endpoint, { signal: new AbortController().signal, timeoutMs: probeMs });
    if (!maySave(probe, input.saveAnyway)) return { saved: false, probe };

    const fresh = auths.filter(({ isRetyped }) => isRetyped);
    const put = [
      () => putServerSecret(secrets, orgId, secret),
      ...fresh.map(
        ({ auth }) =>
          () =>
            putCredential(secrets, orgId, auth),
      ),
    ];
    const { deliveries } = await withSecrets(ctx.deps, orgId, put, ([secretRef = null, ...refs]) =>
      write(
        async (tx) => {
          await lockServer(tx, { orgId, serverId });
          const { count } = await tx.server.updateMany({
            // Kept values were read before the probe: an edit since then must not be undone.
            where: { orgId, id: serverId, secretRef: before.secretRef, url: before.url },
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
          // The credential of a profile added since would be sent to the new address.
          if (moved) {
            const profiles = await tx.authProfile.count({ where: { orgId, serverId, archivedAt: null } });
            if (profiles !== before.profiles.length) throw changedMeanwhile();
          }
          return recordProbeIn(tx, ctx.deps, { orgId, serverId, kind: 'probe', probe, at });
        },
        audit({ url, transport: nextTransport, headers: Object.keys(secret.headers), ok: probe.ok }),
      ),
    );
    await startDeliveries(ctx.deps, deliveries);
    await destroySecrets(ctx.deps, orgId, [before.secretRef, ...fresh.map(({ secretRef }) => secretRef)]);
    return { saved: true, probe };
  },
});

type Profile = { id: string; name: string; isDefault: boolean; secretRef: string | null; auth: EndpointAuth };

async function load({ db, secrets }: Deps, orgId: string, serverId: string) {
  const row = await db.server.findFirst({
    where: { orgId, id: serverId },
    include: { authProfiles: { where: { archivedAt: null } } },
  });
  if (!row) throw serverNotFound();
  if (row.archivedAt) throw serverArchived();
  const profiles: Profile[] = await Promise.all(
    row.authProfiles.map(async ({ id, name, isDefault, kind, header, secretRef }) => ({
      id,
      name,
      isDefault,
      secretRef,
      auth: await readAuth(secrets, orgId, { kind, header, secretRef }),
    })),
  );
  return {
    url: row.url,
    transport: row.transport,
    secretRef: row.secretRef,
    secret: await readServerSecret(secrets, orgId, row.secretRef),
    profiles,
  };
}

/** The values after the edit. @param query null: the address was not edited. */
function merge(
  stored: ServerSecret,
  given: {
    moved: boolean;
    headers: { [name: string]: string | null } | undefined;
    query: ServerSecret['query'] | null;
  },
): ServerSecret {
  const problems: FieldError[] = [];
  const values = (field: string, wanted: { [name: string]: string | null }, kept: { [name: string]: string }) =>
    Object.fromEntries(
      Object.entries(wanted).map(([name, value]) => {
        if (value !== null) return [name, value];
        const old = Object.entries(kept).find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
        if (given.moved || old === undefined) {
          const why = given.moved ? 'The address moved to another origin: type this value again.' : 'Type a value.';
          problems.push({ field: `${field}.${name}`, message: why });
        }
        return [name, old ?? ''];
      }),
    );
  const untouched = (kept: { [name: string]: string }) =>
    Object.fromEntries(Object.keys(kept).map((name) => [name, null]));
  const emptied = (query: ServerSecret['query']) =>
    Object.fromEntries(
      // An empty value is kept as empty where none is stored, such as in "?debug".
      Object.entries(query).map(([name, value]) => [
        name,
        value === '' && stored.query[name] !== undefined ? null : value,
      ]),
    );
  const secret = {
    headers: values('headers', given.headers ?? untouched(stored.headers), stored.headers),
    query: values('query', given.query === null ? untouched(stored.query) : emptied(given.query), stored.query),
  };
  refuse(problems);
  return secret;
}

/** The profiles with their credentials after the edit. */
function retyped(profiles: readonly Profile[], moved: boolean, credentials: { [id: string]: string }) {
  const problems: FieldError[] = [];
  const after = profiles.map((profile) => {
    const { id, name, auth } = profile;
    const typed = credentials[id];
    if (auth.kind === 'none' || (typed === undefined && !moved)) return { ...profile, isRetyped: false };
    if (typed === undefined)
      problems.push({
        field: `credentials.${id}`,
        message: `The address moved to another origin: type the credential of "${name}" again.`,
      });
    const value = typed ?? '';
    const changed: EndpointAuth =
      auth.kind === 'bearer' ? { ...auth, token: value.trim().replace(/^bearer\s+/i, '') } : { ...auth, value };
    return { ...profile, auth: changed, isRetyped: true };
  });
  refuse(problems);
  return after;
}

/** @throws ArmatureError `validation_failed` where a secret has to be typed again. */
function refuse(fieldErrors: FieldError[]): void {
  if (fieldErrors.length > 0) throw validationError(fieldErrors, 'Type the secrets of the named fields again.');
}

const changedMeanwhile = (): ArmatureError =>
  new ArmatureError(
    'conflict',
    'Somebody else changed this server in the meantime.',
    'Open it again and repeat your change.',
  );
