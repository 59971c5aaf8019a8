import { z } from 'zod';
import { productModes } from '../../../domain/product-mcp/state.ts';
import { archiveProduct } from '../../../services/product-mcp/archive.ts';
import { connectProductServer } from '../../../services/product-mcp/connect-server.ts';
import { createProduct } from '../../../services/product-mcp/create.ts';
import { activateDocument } from '../../../services/product-mcp/document/activate.ts';
import { compareDocuments } from '../../../services/product-mcp/document/compare.ts';
import { getDocument } from '../../../services/product-mcp/document/get.ts';
import { listDocuments } from '../../../services/product-mcp/document/list.ts';
import { uploadDocument } from '../../../services/product-mcp/document/upload.ts';
import { editProduct } from '../../../services/product-mcp/edit.ts';
import { getProduct } from '../../../services/product-mcp/get.ts';
import { listProducts } from '../../../services/product-mcp/list.ts';
import { setConnection } from '../../../services/product-mcp/set-connection.ts';
import { setProductState } from '../../../services/product-mcp/set-state.ts';
import { testConnection } from '../../../services/product-mcp/test-connection.ts';
import { chooseTools } from '../../../services/product-mcp/tools/choose.ts';
import { editTool } from '../../../services/product-mcp/tools/edit.ts';
import { listTools } from '../../../services/product-mcp/tools/list.ts';
import { getProductUsage } from '../../../services/product-mcp/usage/get.ts';
import {
  change,
  document,
  mistake,
  product,
  report,
  tokens,
  tool,
  toolUsage,
  verdict,
} from '../product-mcp-schemas.ts';
import { defineRoute, pageOf, paging } from '../route.ts';

const ref = getProduct.useCase.input;
/** A document of 16 MB, as a text in JSON. */
const maxUploadBytes = 34 * 1024 * 1024;

export const productMcpRoutes = [
  defineRoute({
    method: 'GET',
    path: '/product-mcps',
    summary: 'Lists Product MCPs, newest first',
    useCase: listProducts,
    input: listProducts.useCase.input.extend(paging),
    output: pageOf(product),
    async run(ctx, given) {
      const { productMcps, nextCursor } = await listProducts(ctx, given);
      return { rows: productMcps, nextCursor };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/product-mcps',
    summary: 'Creates a Product MCP, which needs a document and a connection before it is activated',
    status: 201,
    useCase: createProduct,
    input: createProduct.useCase.input,
    output: product,
    run: async (ctx, given) => (await createProduct(ctx, given)).productMcp,
  }),
  defineRoute({
    method: 'GET',
    path: '/product-mcps/{productMcpId}',
    summary: 'Returns a Product MCP',
    useCase: getProduct,
    input: ref,
    output: product,
    run: async (ctx, given) => (await getProduct(ctx, given)).productMcp,
  }),
  defineRoute({
    method: 'PATCH',
    path: '/product-mcps/{productMcpId}',
    summary: 'Changes name, slug or base URL',
    useCase: editProduct,
    input: editProduct.useCase.input,
    output: product,
    run: async (ctx, given) => (await editProduct(ctx, given)).productMcp,
  }),
  defineRoute({
    method: 'DELETE',
    path: '/product-mcps/{productMcpId}',
    summary: 'Archives a Product MCP: its address stops working',
    useCase: archiveProduct,
    input: ref,
    output: z.object({}),
    async run(ctx, given) {
      await archiveProduct(ctx, given);
      return {};
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/product-mcps/{productMcpId}/state',
    summary: 'Activates, pauses or resumes a Product MCP',
    useCase: setProductState,
    input: setProductState.useCase.input,
    output: product,
    run: async (ctx, given) => (await setProductState(ctx, given)).productMcp,
  }),
  defineRoute({
    method: 'GET',
    path: '/product-mcps/{productMcpId}/documents',
    summary: 'Lists the versions of the OpenAPI document, newest first',
    useCase: listDocuments,
    input: listDocuments.useCase.input,
    output: z.object({ rows: z.array(document) }),
    run: async (ctx, given) => ({ rows: (await listDocuments(ctx, given)).documents }),
  }),
  defineRoute({
    method: 'POST',
    path: '/product-mcps/{productMcpId}/documents',
    summary:
      'Uploads a version of the OpenAPI document, and reports what it becomes. It is served once it is activated',
    description: 'The text of the document, JSON or YAML, or the address to read it from.',
    status: 201,
    useCase: uploadDocument,
    input: uploadDocument.useCase.input,
    output: z.object({ document, report }),
    maxBodyBytes: maxUploadBytes,
    run: (ctx, given) => uploadDocument(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/product-mcps/{productMcpId}/documents/{documentId}',
    summary: 'Returns a version of the document with its report',
    useCase: getDocument,
    input: getDocument.useCase.input,
    output: z.object({ document, report }),
    run: (ctx, given) => getDocument(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/product-mcps/{productMcpId}/documents/{documentId}/activate',
    summary: 'Makes a version the active one, also an earlier one',
    useCase: activateDocument,
    input: activateDocument.useCase.input,
    output: product,
    run: async (ctx, given) => (await activateDocument(ctx, given)).productMcp,
  }),
  defineRoute({
    method: 'GET',
    path: '/product-mcps/{productMcpId}/comparison',
    summary: 'Compares two versions of the document, as changes of tools: breaking or not',
    useCase: compareDocuments,
    input: compareDocuments.useCase.input,
    output: z.object({ changes: z.array(change) }),
    run: (ctx, given) => compareDocuments(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/product-mcps/{productMcpId}/tools',
    summary: 'Lists the operations of the active version as tools, with what they take of a context',
    useCase: listTools,
    input: listTools.useCase.input,
    output: z.object({
      tools: z.array(tool),
      servedCount: z.int(),
      tokens,
      suggestedMode: z.enum(productModes),
    }),
    run: (ctx, given) => listTools(ctx, given),
  }),
  defineRoute({
    method: 'PATCH',
    path: '/product-mcps/{productMcpId}/tools',
    summary: 'Chooses which operations are tools, and whether agents get a list of them or search',
    useCase: chooseTools,
    input: chooseTools.useCase.input,
    output: product,
    run: async (ctx, given) => (await chooseTools(ctx, given)).productMcp,
  }),
  defineRoute({
    method: 'PATCH',
    path: '/product-mcps/{productMcpId}/tool',
    summary: 'Renames, describes or hides the tool of one operation, or sets its annotations',
    useCase: editTool,
    input: editTool.useCase.input,
    output: z.object({}),
    async run(ctx, given) {
      await editTool(ctx, given);
      return {};
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/product-mcps/{productMcpId}/connection',
    summary: 'Sets how callers send their credential and how the API gets it',
    useCase: setConnection,
    input: setConnection.useCase.input,
    output: product,
    run: async (ctx, given) => (await setConnection(ctx, given)).productMcp,
  }),
  defineRoute({
    method: 'POST',
    path: '/product-mcps/{productMcpId}/connection/test',
    summary: 'Tries a real credential against the API. It is not kept',
    useCase: testConnection,
    input: testConnection.useCase.input,
    output: z.object({ verdict }),
    run: (ctx, given) => testConnection(ctx, given),
  }),
  defineRoute({
    method: 'POST',
    path: '/product-mcps/{productMcpId}/server',
    summary: 'Connects an active Product MCP as a server, with monitors and workflows for its read-only tools',
    useCase: connectProductServer,
    input: connectProductServer.useCase.input,
    output: z.object({ serverId: z.uuid(), monitorCount: z.int(), workflowCount: z.int() }),
    run: (ctx, given) => connectProductServer(ctx, given),
  }),
  defineRoute({
    method: 'GET',
    path: '/product-mcps/{productMcpId}/usage',
    summary: 'Returns the calls of each tool, and the arguments that models get wrong most',
    useCase: getProductUsage,
    input: getProductUsage.useCase.input,
    output: z.object({ tools: z.array(toolUsage), mistakes: z.array(mistake) }),
    run: (ctx, given) => getProductUsage(ctx, given),
  }),
];
