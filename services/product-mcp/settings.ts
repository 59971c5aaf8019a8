import { connection } from '../../domain/product-mcp/connection.ts';
import { type Selection, selection } from '../../domain/product-mcp/selection.ts';
import type { Db, Tx } from '../../infra/db/index.ts';
import type { ProductSettings } from '../../infra/openapi/index.ts';
import { toolAnnotations } from './schema.ts';
import type { ProductRef } from './store.ts';

/** What people decided about the tools, as the reader of documents takes it. */
export async function loadSettings(db: Db | Tx, { orgId, productMcpId }: ProductRef): Promise<ProductSettings> {
  const product = await db.productMcp.findUniqueOrThrow({
    where: { orgId_id: { orgId, id: productMcpId } },
    select: { selection: true, connection: true, tools: true },
  });
  const changed = product.tools.map(({ operation, name, description, isHidden, annotations }) => {
    const override = {
      ...(name !== null && { name }),
      ...(description !== null && { description }),
      ...(isHidden && { hidden: true }),
      ...(annotations !== null && { annotations: toolAnnotations.parse(annotations) }),
    };
    return [operation, override] as const;
  });
  return {
    selection: readSelection(product.selection),
    overrides: Object.fromEntries(changed.filter(([, override]) => Object.keys(override).length > 0)),
    pinnedNames: Object.fromEntries(
      product.tools.flatMap(({ operation, pinnedName }) => (pinnedName === null ? [] : [[operation, pinnedName]])),
    ),
    credentials: credentialParameters(product.connection),
  };
}

const readSelection = (value: unknown): Selection => selection.parse(value);

/** A parameter by which the credential goes to the API is no argument of a tool. */
function credentialParameters(stored: unknown): ProductSettings['credentials'] {
  if (stored === null) return [];
  const { target } = connection.parse(stored);
  if (target.in === 'basic') return [{ in: 'header', name: 'Authorization' }];
  return [{ in: target.in, name: target.name }];
}
