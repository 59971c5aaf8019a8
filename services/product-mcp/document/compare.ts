import type { ApiToolChange } from '../../../domain/openapi/index.ts';
import { validationError } from '../../context/errors.ts';
import { useCase } from '../../context/use-case.ts';
import { documentNotFound } from '../errors.ts';
import { loadSettings } from '../settings.ts';
import { compareDocumentsInput } from './schema.ts';

/**
 * What a version changes for callers, as changes of tools: breaking or not.
 * @throws ArmatureError `version_not_found`, also where nothing is active yet
 */
export const compareDocuments = useCase({
  name: 'product_mcp.compare_documents',
  access: 'viewer',
  input: compareDocumentsInput,
  async run({ orgId, db, openApi }, { productMcpId, beforeId, afterId }): Promise<{ changes: ApiToolChange[] }> {
    const load = (where: { id: string } | { isActive: true }) =>
      db.productMcpDocument.findFirst({ where: { orgId, productMcpId, ...where }, select: { content: true } });
    const [before, after] = await Promise.all([
      load(beforeId === undefined ? { isActive: true } : { id: beforeId }),
      load({ id: afterId }),
    ]);
    if (!before || !after) throw documentNotFound();
    const compared = await openApi.compare(
      before.content,
      after.content,
      await loadSettings(db, { orgId, productMcpId }),
    );
    if ('refusal' in compared) throw validationError([{ field: 'afterId', message: compared.refusal.message }]);
    return compared;
  },
});
