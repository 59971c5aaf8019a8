import type { Models, WorkspaceProvider } from '../../infra/models/index.ts';
import type { Deps } from '../context/context.ts';
import { noSecret, providerSecret, toProviderConfig } from '../model-provider/schema.ts';

/** More than a model may take, so that its own limits say what was wrong. */
const limits = { timeoutMs: 180_000, maxBytes: 25_000_000 };

/** The models that a workspace can use: those of the installation, and of its own providers. */
export async function loadModels(
  { db, secrets, models, outbound }: Pick<Deps, 'db' | 'secrets' | 'models' | 'outbound'>,
  orgId: string,
): Promise<Models> {
  const rows = await db.modelProvider.findMany({ where: { orgId }, orderBy: { name: 'asc' } });
  if (rows.length === 0) return models;
  const readable = await secrets.getReadable(
    orgId,
    rows.flatMap(({ secretRef }) => secretRef ?? []),
  );
  const own = rows.map((row): WorkspaceProvider => {
    const stored = row.secretRef === null ? undefined : readable.get(row.secretRef);
    // Without a readable secret it is listed as one without a key.
    const secret = stored ? providerSecret.parse(stored) : noSecret;
    return { revision: `${row.id} ${row.revision}`, config: toProviderConfig(row, secret) };
  });
  return models.with(own, (url, init) =>
    outbound.fetch(url instanceof Request ? url.url : url, { ...init, ...limits }),
  );
}
