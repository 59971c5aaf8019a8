import { type Connection, connection } from '../../domain/product-mcp/connection.ts';
import { type Selection, selection } from '../../domain/product-mcp/selection.ts';
import { type ProductMode, type ProductState, productModes, productStates } from '../../domain/product-mcp/state.ts';
import { oneOf } from '../../domain/values/closed-set.ts';
import type { Config } from '../../infra/config/index.ts';
import type { Prisma } from '../../prisma/generated/client.ts';
import type { Deps } from '../context/context.ts';
import { productNotFound } from './errors.ts';
import type { ProductRef } from './store.ts';

/** Times are ISO 8601. */
export type ProductView = {
  id: string;
  slug: string;
  name: string;
  /** Where agents connect. */
  url: string;
  /** The same by a host name of its own; null unless the operator has set a domain for them. */
  hostUrl: string | null;
  baseUrl: string;
  state: ProductState;
  mode: ProductMode;
  selection: Selection;
  connection: Connection | null;
  /** The active version; null before somebody made one active. */
  document: { id: string; number: number; title: string; apiVersion: string; activatedAt: string | null } | null;
  /** The server of this workspace that tests it. */
  server: { id: string; name: string } | null;
  isArchived: boolean;
  createdAt: string;
};

export const productInclude = {
  organization: { select: { slug: true } },
  documents: {
    where: { isActive: true },
    select: { id: true, number: true, title: true, apiVersion: true, activatedAt: true },
  },
  server: { select: { id: true, name: true, archivedAt: true } },
} satisfies Prisma.ProductMcpInclude;

type Row = Prisma.ProductMcpGetPayload<{ include: typeof productInclude }>;

/** The addresses of a Product MCP. */
export function productUrls(
  { url, productMcpDomain }: Pick<Config, 'url' | 'productMcpDomain'>,
  { orgSlug, slug }: { orgSlug: string; slug: string },
): { url: string; hostUrl: string | null } {
  return {
    url: `${url}/p/${orgSlug}/${slug}`,
    hostUrl: productMcpDomain === '' ? null : `${new URL(url).protocol}//mcp.${orgSlug}.${productMcpDomain}/${slug}`,
  };
}

export const toProductViews = ({ config }: Pick<Deps, 'config'>, rows: readonly Row[]): ProductView[] =>
  rows.map((row) => {
    const [document] = row.documents;
    return {
      id: row.id,
      slug: row.slug,
      name: row.name,
      ...productUrls(config, { orgSlug: row.organization.slug, slug: row.slug }),
      baseUrl: row.baseUrl,
      state: oneOf(productStates, row.state),
      mode: oneOf(productModes, row.mode),
      selection: selection.parse(row.selection),
      connection: row.connection === null ? null : connection.parse(row.connection),
      document: document ? { ...document, activatedAt: document.activatedAt?.toISOString() ?? null } : null,
      server: row.server && !row.server.archivedAt ? { id: row.server.id, name: row.server.name } : null,
      isArchived: row.archivedAt !== null,
      createdAt: row.createdAt.toISOString(),
    };
  });

/** @throws ArmatureError `product_mcp_not_found` */
export async function getProductView(
  deps: Pick<Deps, 'db' | 'config'>,
  { orgId, productMcpId }: ProductRef,
): Promise<ProductView> {
  const row = await deps.db.productMcp.findFirst({ where: { orgId, id: productMcpId }, include: productInclude });
  const [view] = row ? toProductViews(deps, [row]) : [];
  if (!view) throw productNotFound();
  return view;
}
