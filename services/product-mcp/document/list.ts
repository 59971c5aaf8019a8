import { useCase } from '../../context/use-case.ts';
import { productNotFound } from '../errors.ts';
import { productRef } from '../schema.ts';
import { type DocumentView, documentSelect, toDocumentView } from './view.ts';

/** The versions of a Product MCP's document, newest first; at most 50 are kept. @throws `product_mcp_not_found` */
export const listDocuments = useCase({
  name: 'product_mcp.list_documents',
  access: 'viewer',
  input: productRef,
  async run({ orgId, db }, { productMcpId }): Promise<{ documents: DocumentView[] }> {
    const product = await db.productMcp.findFirst({
      where: { orgId, id: productMcpId },
      select: { documents: { select: documentSelect, orderBy: { number: 'desc' } } },
    });
    if (!product) throw productNotFound();
    return { documents: product.documents.map(toDocumentView) };
  },
});
