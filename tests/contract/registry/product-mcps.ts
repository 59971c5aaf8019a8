import { gzipSync } from 'node:zlib';
import type { Deps } from '../../../services/context/context.ts';
import { newId } from '../../../services/context/ids.ts';

export type ProductMcpOfWorld = {
  /** An active one. */
  productMcpId: string;
  /** The active version of its document. */
  documentId: string;
};

export const apiDocument = {
  openapi: '3.1.0',
  info: { title: 'Orders', version: '1' },
  paths: { '/me': { get: { operationId: 'getAccount', responses: { 200: { description: 'The customer' } } } } },
};

export async function makeProductMcp(
  { db }: Deps,
  { orgId, shopUrl }: { orgId: string; shopUrl: string },
): Promise<ProductMcpOfWorld> {
  const [productMcpId, documentId] = [newId(), newId()];
  const text = JSON.stringify(apiDocument);
  const tokens = { list: 40, withoutDescriptions: 30, search: 300 };
  await db.productMcp.create({
    data: {
      id: productMcpId,
      orgId,
      slug: 'orders',
      name: 'Orders',
      baseUrl: `${new URL(shopUrl).origin}/api`,
      state: 'active',
      connection: {
        source: { in: 'header', name: 'Authorization' },
        target: { in: 'header', name: 'Authorization', format: 'Bearer {credential}' },
        check: { kind: 'endpoint', path: '/me' },
        timeoutSeconds: 30,
      },
      createdBy: 'system:test',
    },
  });
  await db.productMcpDocument.create({
    data: {
      id: documentId,
      orgId,
      productMcpId,
      number: 1,
      isActive: true,
      content: new Uint8Array(gzipSync(text)),
      sizeBytes: text.length,
      sha256: 'of the document',
      title: 'Orders',
      apiVersion: '1',
      report: {
        specVersion: '3.1',
        operationCount: 1,
        toolCount: 1,
        refused: [],
        refusedByReason: {},
        credentialCandidates: [],
        servers: [],
        operationOrigins: [],
        securitySchemes: [],
        suspiciousTexts: [],
        tokens,
        largest: [{ name: 'getAccount', tokens: 40 }],
      },
      operations: [
        {
          operation: 'GET /me',
          name: 'getAccount',
          summary: 'Show the customer',
          tags: [],
          isReadOnly: true,
          isDeprecated: false,
          tokens: 40,
          descriptionTokens: 10,
        },
      ],
      createdBy: 'system:test',
      activatedAt: new Date(),
    },
  });
  return { productMcpId, documentId };
}
