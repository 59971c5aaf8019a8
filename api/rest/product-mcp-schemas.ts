import { z } from 'zod';
import { connection } from '../../domain/product-mcp/connection.ts';
import { selection } from '../../domain/product-mcp/selection.ts';
import { productModes, productStates } from '../../domain/product-mcp/state.ts';
import { toolAnnotations } from '../../services/product-mcp/schema.ts';

const time = z.iso.datetime();
export const product = z
  .object({
    id: z.uuid(),
    slug: z.string(),
    name: z.string(),
    url: z.string().describe('Where agents connect.'),
    hostUrl: z.string().nullable(),
    baseUrl: z.string(),
    state: z.enum(productStates),
    mode: z.enum(productModes),
    selection,
    connection: connection.nullable(),
    document: z
      .object({
        id: z.uuid(),
        number: z.int(),
        title: z.string(),
        apiVersion: z.string(),
        activatedAt: time.nullable(),
      })
      .nullable()
      .describe('The active version of the OpenAPI document.'),
    server: z.object({ id: z.uuid(), name: z.string() }).nullable().describe('The server that tests it.'),
    isArchived: z.boolean(),
    createdAt: time,
  })
  .meta({ id: 'ProductMcp' });

export const document = z
  .object({
    id: z.uuid(),
    number: z.int(),
    isActive: z.boolean(),
    title: z.string(),
    apiVersion: z.string(),
    sizeBytes: z.int(),
    sourceUrl: z.string().nullable(),
    createdAt: time,
    activatedAt: time.nullable(),
  })
  .meta({ id: 'ProductMcpDocument' });

export const tokens = z.object({ list: z.int(), withoutDescriptions: z.int(), search: z.int() });
export const report = z
  .object({
    specVersion: z.string(),
    operationCount: z.int(),
    toolCount: z.int(),
    refused: z.array(z.object({ key: z.string(), reason: z.string(), message: z.string() })),
    refusedByReason: z.record(z.string(), z.int()),
    credentialCandidates: z.array(z.object({ in: z.string(), name: z.string(), operations: z.int() })),
    servers: z.array(z.string()),
    operationOrigins: z.array(z.string()),
    securitySchemes: z.array(z.object({ name: z.string(), type: z.string(), detail: z.string() })),
    suspiciousTexts: z.array(z.object({ key: z.string(), at: z.string(), rule: z.string(), quote: z.string() })),
    tokens,
    largest: z.array(z.object({ name: z.string(), tokens: z.int() })),
  })
  .meta({ id: 'ProductMcpReport' });

export const tool = z
  .object({
    operation: z.string(),
    name: z.string(),
    summary: z.string(),
    tags: z.array(z.string()),
    isServed: z.boolean(),
    isReadOnly: z.boolean(),
    isDeprecated: z.boolean(),
    tokens: z.int(),
    override: z.object({
      name: z.string().nullable(),
      description: z.string().nullable(),
      isHidden: z.boolean(),
      annotations: toolAnnotations.nullable(),
    }),
  })
  .meta({ id: 'ProductMcpTool' });

export const toolUsage = z.object({
  tool: z.string(),
  calls: z.int(),
  succeeded: z.int(),
  invalidArguments: z.int(),
  unauthorized: z.int(),
  rejected: z.int(),
  failed: z.int(),
  averageMs: z.number(),
  maxMs: z.number(),
  averageBytes: z.number(),
});
export const mistake = z.object({
  tool: z.string(),
  path: z.string(),
  rule: z.string(),
  count: z.int(),
  proposal: z.string(),
});
export const verdict = z.object({ outcome: z.string(), status: z.int().nullable(), reason: z.string().optional() });
export const change = z.object({ tool: z.string(), kind: z.string(), breaking: z.boolean(), key: z.string() });
