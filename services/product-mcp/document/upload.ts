import type { DocumentReport, Inspection } from '../../../infra/openapi/index.ts';
import { fieldError } from '../../context/errors.ts';
import { newId } from '../../context/ids.ts';
import { sanitizeForPostgres } from '../../context/sanitize.ts';
import { toJson, useCase } from '../../context/use-case.ts';
import { productNotFound } from '../errors.ts';
import { loadSettings } from '../settings.ts';
import { lockProduct } from '../store.ts';
import { readFromUrl } from './read-url.ts';
import { maxDocumentBytes, uploadDocumentInput } from './schema.ts';
import { type DocumentView, documentSelect, toDocumentView } from './view.ts';

/** Versions that are kept: the oldest that was never active goes first. */
const maxVersions = 50;

/**
 * Reads an OpenAPI document and keeps it as the next version, with a report of what it becomes. It is not served before
 * somebody makes it active. The same text as the latest version gives that version again.
 * @throws ArmatureError `product_mcp_not_found`, `validation_failed` (the document can't be used), `target_blocked`,
 * `sync_failed` (its address does not answer)
 */
export const uploadDocument = useCase({
  name: 'product_mcp.upload_document',
  access: 'editor',
  input: uploadDocumentInput,
  async run(
    { ctx, orgId, db, actor, openApi, write },
    { productMcpId, source },
  ): Promise<{ document: DocumentView; report: DocumentReport }> {
    if (
      !(await db.productMcp.findFirst({ where: { orgId, id: productMcpId, archivedAt: null }, select: { id: true } }))
    )
      throw productNotFound();
    const field = source.kind === 'url' ? 'url' : 'document';
    const given = source.kind === 'url' ? await readFromUrl(ctx.deps, source.url) : source.text;
    const sizeBytes = Buffer.byteLength(given);
    if (sizeBytes > maxDocumentBytes)
      throw fieldError(
        'validation_failed',
        field,
        'The document is larger than 16 MB.',
        'Remove what agents do not need.',
      );
    const inspection = await openApi.inspect(given, await loadSettings(db, { orgId, productMcpId }));
    if ('refusal' in inspection)
      throw fieldError(
        'validation_failed',
        field,
        inspection.refusal.message,
        'Correct the document and upload it again.',
      );
    const sourceUrl = source.kind === 'url' ? withoutQuery(source.url) : null;
    const { document } = await write(
      async (tx) => {
        await lockProduct(tx, { orgId, productMcpId });
        const latest = await tx.productMcpDocument.findFirst({
          where: { orgId, productMcpId },
          orderBy: { number: 'desc' },
          select: { ...documentSelect, sha256: true },
        });
        if (latest?.sha256 === inspection.sha256) {
          const { sha256: _, ...row } = latest;
          return { document: row, isNew: false };
        }
        await removeOldest(tx, { orgId, productMcpId });
        const document = await tx.productMcpDocument.create({
          data: {
            ...toColumns(inspection),
            id: newId(),
            orgId,
            productMcpId,
            number: (latest?.number ?? 0) + 1,
            sizeBytes,
            sourceUrl,
            createdBy: `${actor.kind}:${actor.id}`,
          },
          select: documentSelect,
        });
        return { document, isNew: true };
      },
      ({ document, isNew }) =>
        isNew ? { subject: productMcpId, data: { documentId: document.id, number: document.number, sourceUrl } } : null,
      { timeout: 30_000 },
    );
    return { document: toDocumentView(document), report: inspection.report };
  },
});

const toColumns = ({ title, apiVersion, content, sha256, report, operations }: Inspection) => ({
  title: String(sanitizeForPostgres(title)),
  apiVersion: String(sanitizeForPostgres(apiVersion)),
  content: new Uint8Array(content),
  sha256,
  report: toJson(sanitizeForPostgres(report)),
  operations: toJson(sanitizeForPostgres(operations)),
});

const withoutQuery = (url: string): string => {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
};

async function removeOldest(
  tx: Parameters<typeof lockProduct>[0],
  { orgId, productMcpId }: { orgId: string; productMcpId: string },
): Promise<void> {
  const versions = await tx.productMcpDocument.findMany({
    where: { orgId, productMcpId },
    orderBy: [{ activatedAt: { sort: 'asc', nulls: 'first' } }, { number: 'asc' }],
    select: { id: true, isActive: true },
  });
  const removable = versions
    .filter(({ isActive }) => !isActive)
    .slice(0, Math.max(0, versions.length - maxVersions + 1));
  if (removable.length > 0)
    await tx.productMcpDocument.deleteMany({ where: { orgId, id: { in: removable.map(({ id }) => id) } } });
}
