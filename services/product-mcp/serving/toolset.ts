import { LRUCache } from 'lru-cache';
import {
  type ApiTool,
  type OperationSearch,
  type SearchModeTool,
  searchIndex,
  searchModeTools,
} from '../../../domain/openapi/index.ts';
import type { Deps } from '../../context/context.ts';
import { loadSettings } from '../settings.ts';
import type { Publication } from './publication.ts';

/** A tool as agents see it. */
export type ListedTool = Pick<ApiTool, 'name' | 'description' | 'inputSchema' | 'annotations'> | SearchModeTool;

/** What one version of a document is served as, under one set of choices. */
export type Toolset = {
  /** In the order of the document; in search mode the tools that stand for all operations. */
  listed: readonly ListedTool[];
  byName: ReadonlyMap<string, ApiTool>;
  /** Null in list mode. */
  index: OperationSearch | null;
};

export type Toolsets = {
  /** @throws Error where the document can't be read any more */
  get(publication: Publication & { documentId: string }): Promise<Toolset>;
};

/** Of all lists that this process keeps, as JSON: in memory they take about four times as much. */
const maxBytes = 96 * 1024 * 1024;

/** Lists of tools, each compiled once in a thread of its own. */
export function createToolsets(deps: Pick<Deps, 'db' | 'openApi'>): Toolsets {
  const kept = new LRUCache<string, { toolset: Toolset; bytes: number }, Publication & { documentId: string }>({
    maxSize: maxBytes,
    sizeCalculation: ({ bytes }) => bytes,
    fetchMethod: async (_key, _stale, { context }) => compile(deps, context),
  });
  return {
    async get(publication) {
      // A change raises the revision, so what is kept never becomes stale.
      const key = `${publication.documentId} ${publication.revision}`;
      return (await kept.forceFetch(key, { context: publication })).toolset;
    },
  };
}

async function compile(
  { db, openApi }: Pick<Deps, 'db' | 'openApi'>,
  { orgId, productMcpId, documentId, mode }: Publication & { documentId: string },
): Promise<{ toolset: Toolset; bytes: number }> {
  const { content } = await db.productMcpDocument.findUniqueOrThrow({
    where: { orgId_id: { orgId, id: documentId } },
    select: { content: true },
  });
  const compiled = await openApi.compile(content, await loadSettings(db, { orgId, productMcpId }));
  if ('refusal' in compiled) throw new Error(`an active document can't be read: ${compiled.refusal.message}`);
  const { tools, toolBytes } = compiled;
  return {
    toolset: {
      listed:
        mode === 'search'
          ? searchModeTools(tools)
          : tools.map(({ name, description, inputSchema, annotations }) => ({
              name,
              description,
              inputSchema,
              annotations,
            })),
      byName: new Map(tools.map((tool) => [tool.name, tool])),
      index: mode === 'search' ? searchIndex(tools) : null,
    },
    bytes: Math.max(1, toolBytes),
  };
}
