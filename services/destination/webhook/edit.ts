import type { z } from 'zod';
import { ArmatureError } from '../../../domain/error/error.ts';
import { type Secrets, SecretsKeyError } from '../../../infra/secrets/index.ts';
import { newSigningSecret } from '../../channel/webhook/signature.ts';
import { validationError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { checkAddress } from '../../server/address.ts';
import { splitUrl } from '../../server/schema.ts';
import { destroySecrets, withSecrets } from '../../server/secrets.ts';
import { webhookSecret } from './endpoint.ts';
import { requireFreeWebhookName, webhookNotFound } from './errors.ts';
import { editWebhookInput } from './schema.ts';
import { toWebhookView, type WebhookView } from './view.ts';

/**
 * Edits a webhook; pending deliveries go to its new address. `signingSecret`: the new one, null unless it was rotated.
 * @throws ArmatureError `destination_not_found`, `target_blocked`, `validation_failed`, `conflict` (name taken, or
 *   edited concurrently)
 */
export const editWebhook = useCase({
  name: 'webhook.edit',
  access: 'admin',
  input: editWebhookInput,
  async run(
    { ctx, orgId, actor, config, db, secrets, write },
    { webhookId: id, name, url: address, rotateSecret },
  ): Promise<{ webhook: WebhookView; signingSecret: string | null }> {
    if (address !== undefined) checkAddress(config, address);
    const before = await db.webhook.findFirst({ where: { orgId, id, archivedAt: null } });
    if (!before) throw webhookNotFound();
    const stored = await readStored(secrets, orgId, before.secretRef);
    const parts = address === undefined ? null : splitUrl(address);
    const query = parts
      ? mergeQuery(parts.query, {
          stored: stored?.query ?? null,
          moved: new URL(parts.url).origin !== new URL(before.url).origin,
          names: before.queryNames,
        })
      : (stored?.query ?? {});
    const isNewSecret = parts !== null || rotateSecret === true;
    if (isNewSecret && !stored) requireRepair({ rotateSecret, isUrlEntered: parts !== null, names: before.queryNames });
    const key = rotateSecret ? newSigningSecret() : (stored?.key ?? '');
    const put = isNewSecret ? [() => secrets.put(orgId, { key, query })] : [];
    const row = await withSecrets(ctx.deps, orgId, put, ([secretRef]) =>
      write(
        async (tx) => {
          if (name !== undefined) await requireFreeWebhookName(tx, { orgId, name, webhookId: id });
          const [changed] = await tx.webhook.updateManyAndReturn({
            where: { orgId, id, archivedAt: null, secretRef: before.secretRef },
            data: {
              ...(name !== undefined && { name }),
              ...(parts && { url: parts.url, queryNames: Object.keys(query) }),
              ...(secretRef != null && { secretRef }),
            },
          });
          if (!changed) throw concurrentEdit();
          return changed;
        },
        {
          subject: id,
          data: { name, ...(parts && { origin: new URL(parts.url).origin }), secretRotated: rotateSecret === true },
        },
      ),
    );
    if (isNewSecret) await destroySecrets(ctx.deps, orgId, [before.secretRef]);
    return { webhook: toWebhookView(row, actor), signingSecret: rotateSecret ? key : null };
  },
});

type Query = { [name: string]: string };

/** @returns null if it can't be opened. @throws ArmatureError `conflict` if an edit replaced it */
async function readStored(
  secrets: Secrets,
  orgId: string,
  ref: string,
): Promise<z.output<typeof webhookSecret> | null> {
  try {
    const secret = await secrets.get(orgId, ref);
    if (!secret) throw concurrentEdit();
    return webhookSecret.parse(secret);
  } catch (error) {
    if (error instanceof SecretsKeyError) return null;
    throw error;
  }
}

/** What replaces a secret that can't be opened has to be complete. @throws ArmatureError `validation_failed` */
function requireRepair(edit: { rotateSecret: true | undefined; isUrlEntered: boolean; names: string[] }): void {
  if (!edit.rotateSecret)
    throw validationError([
      { field: 'rotateSecret', message: "The stored signing secret can't be read. Create a new one as well." },
    ]);
  if (!edit.isUrlEntered && edit.names.length > 0)
    throw validationError([
      { field: 'url', message: "The stored query values can't be read. Enter the whole address again." },
    ]);
}

/**
 * An empty value keeps the stored one, unless the address moved to another origin.
 * @param of.stored null: the stored ones can't be read. @param of.names of the stored ones
 */
function mergeQuery(
  entered: Query,
  { stored, moved, names }: { stored: Query | null; moved: boolean; names: string[] },
): Query {
  return Object.fromEntries(
    Object.entries(entered).map(([name, value]) => {
      const old = stored?.[name];
      if (value !== '' || (stored ? !old : !names.includes(name))) return [name, value];
      if (!moved && old !== undefined) return [name, old];
      const why = stored ? 'The address has another origin now.' : "The stored query values can't be read.";
      throw validationError([{ field: 'url', message: `${why} Enter the value of "${name}" again.` }]);
    }),
  );
}

const concurrentEdit = (): ArmatureError =>
  new ArmatureError(
    'conflict',
    'Somebody else edited this webhook at the same time.',
    'Open it again and repeat your change.',
  );
