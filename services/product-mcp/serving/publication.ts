import { LRUCache } from 'lru-cache';
import { type Connection, connection } from '../../../domain/product-mcp/connection.ts';
import { type ProductMode, type ProductState, productModes, productStates } from '../../../domain/product-mcp/state.ts';
import { oneOf } from '../../../domain/values/closed-set.ts';
import type { Deps } from '../../context/context.ts';

/** A Product MCP as callers get it: all of one moment, so that a change under way never mixes two. */
export type Publication = {
  orgId: string;
  productMcpId: string;
  name: string;
  state: ProductState;
  mode: ProductMode;
  baseUrl: string;
  connection: Connection | null;
  pinnedOrigins: string[];
  documentId: string | null;
  documentTitle: string;
  documentNumber: number;
  revision: number;
};

export type Publications = {
  /** Null for an address that leads to none. At most a second old. */
  find(address: { orgSlug: string; slug: string }): Promise<Publication | null>;
};

const maxAgeMs = 1000;
/** Limits the memory for addresses that lead to nothing, which are kept too. */
const maxKept = 2000;

/** Finds what is served at an address. Not a use case: it is asked for each message of a caller. */
export function createPublications({ db }: Pick<Deps, 'db'>): Publications {
  const kept = new LRUCache<string, { found: Publication | null }>({
    max: maxKept,
    ttl: maxAgeMs,
    fetchMethod: async (address) => {
      const [orgSlug = '', slug = ''] = address.split('/');
      return { found: await read(db, { orgSlug, slug }) };
    },
  });
  return {
    async find({ orgSlug, slug }) {
      if (!/^[a-z0-9-]{1,60}$/.test(orgSlug) || !/^[a-z0-9_-]{2,80}$/.test(slug)) return null;
      return (await kept.forceFetch(`${orgSlug}/${slug}`)).found;
    },
  };
}

async function read(db: Deps['db'], { orgSlug, slug }: { orgSlug: string; slug: string }): Promise<Publication | null> {
  const row = await db.productMcp.findFirst({
    where: { slug, archivedAt: null, organization: { slug: orgSlug } },
    include: { documents: { where: { isActive: true }, select: { id: true, title: true, number: true } } },
  });
  if (!row) return null;
  const [document] = row.documents;
  return {
    orgId: row.orgId,
    productMcpId: row.id,
    name: row.name,
    state: oneOf(productStates, row.state),
    mode: oneOf(productModes, row.mode),
    baseUrl: row.baseUrl,
    connection: row.connection === null ? null : connection.parse(row.connection),
    pinnedOrigins: row.pinnedOrigins,
    documentId: document?.id ?? null,
    documentTitle: document?.title ?? '',
    documentNumber: document?.number ?? 0,
    revision: row.revision,
  };
}
