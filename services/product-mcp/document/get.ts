import type { DocumentReport } from '../../../infra/openapi/index.ts';
import { useCase } from '../../context/use-case.ts';
import { documentNotFound } from '../errors.ts';
import { documentRef } from './schema.ts';
import { type DocumentView, documentSelect, readReport, toDocumentView } from './view.ts';

/** One version of a document with its report. @throws ArmatureError `version_not_found` */
export const getDocument = useCase({
  name: 'product_mcp.get_document',
  access: 'viewer',
  input: documentRef,
  async run({ orgId, db }, { productMcpId, documentId }): Promise<{ document: DocumentView; report: DocumentReport }> {
    const found = await db.productMcpDocument.findFirst({
      where: { orgId, productMcpId, id: documentId },
      select: { ...documentSelect, report: true },
    });
    if (!found) throw documentNotFound();
    const { report, ...row } = found;
    return { document: toDocumentView(row), report: readReport(report) };
  },
});
