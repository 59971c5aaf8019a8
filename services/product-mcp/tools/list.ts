import { selection, selectOperations } from '../../../domain/product-mcp/selection.ts';
import { type ProductMode, suggestMode } from '../../../domain/product-mcp/state.ts';
import type { TokenFigures } from '../../../infra/openapi/index.ts';
import { useCase } from '../../context/use-case.ts';
import { readOperations, readReport } from '../document/view.ts';
import { productNotFound } from '../errors.ts';
import { productRef, type ToolAnnotations, toolAnnotations } from '../schema.ts';

export type ToolRow = {
  operation: string;
  /** As agents see it. */
  name: string;
  summary: string;
  tags: string[];
  /** Served: chosen and not hidden. */
  isServed: boolean;
  isReadOnly: boolean;
  isDeprecated: boolean;
  tokens: number;
  /** What people changed; null as the document says. */
  override: { name: string | null; description: string | null; isHidden: boolean; annotations: ToolAnnotations | null };
};

/**
 * The operations of the active version, in its order, with what people changed, and what the tools take of a model's
 * context. Without an active version the list is empty.
 * @throws ArmatureError `product_mcp_not_found`
 */
export const listTools = useCase({
  name: 'product_mcp.list_tools',
  access: 'viewer',
  input: productRef,
  async run(
    { orgId, db },
    { productMcpId },
  ): Promise<{ tools: ToolRow[]; servedCount: number; tokens: TokenFigures; suggestedMode: ProductMode }> {
    const product = await db.productMcp.findFirst({
      where: { orgId, id: productMcpId },
      select: {
        selection: true,
        tools: true,
        documents: { where: { isActive: true }, select: { operations: true, report: true } },
      },
    });
    if (!product) throw productNotFound();
    const [document] = product.documents;
    const operations = document ? readOperations(document.operations) : [];
    const chosen = new Set(selectOperations(operations, selection.parse(product.selection)));
    const changed = new Map(product.tools.map((tool) => [tool.operation, tool]));
    const served = operations.filter((each) => chosen.has(each) && !changed.get(each.operation)?.isHidden);
    const isServed = new Set(served);
    const tools = operations.map((each): ToolRow => {
      const own = changed.get(each.operation);
      return {
        operation: each.operation,
        name: own?.name ?? own?.pinnedName ?? each.name,
        summary: each.summary,
        tags: each.tags,
        isServed: isServed.has(each),
        isReadOnly: each.isReadOnly,
        isDeprecated: each.isDeprecated,
        tokens: each.tokens,
        override: {
          name: own?.name ?? null,
          description: own?.description ?? null,
          isHidden: own?.isHidden ?? false,
          annotations: own?.annotations ? toolAnnotations.parse(own.annotations) : null,
        },
      };
    });
    const list = sum(served.map(({ tokens }) => tokens));
    const tokens = {
      list,
      withoutDescriptions: list - sum(served.map(({ descriptionTokens }) => descriptionTokens)),
      search: document ? readReport(document.report).tokens.search : 0,
    };
    return {
      tools,
      servedCount: served.length,
      tokens,
      suggestedMode: suggestMode({ tools: served.length, tokens: list }),
    };
  },
});

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
