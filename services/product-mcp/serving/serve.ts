import type { ApiTool, ToolAnswer } from '../../../domain/openapi/index.ts';
import type { Connection } from '../../../domain/product-mcp/connection.ts';
import type { Deps } from '../../context/context.ts';
import { callOperation } from './call.ts';
import { createCallers } from './callers.ts';
import { createPublications, type Publication } from './publication.ts';
import { answerSearchTool } from './search-mode.ts';
import { createToolsets, type Toolset } from './toolset.ts';

/** A Product MCP that answers calls. */
export type ActivePublication = Publication & { connection: Connection; documentId: string };

/** @returns null for one that is paused or not set up */
export const asActive = (publication: Publication): ActivePublication | null => {
  const { state, connection, documentId } = publication;
  return state === 'active' && connection !== null && documentId !== null
    ? { ...publication, connection, documentId }
    : null;
};

/** One caller of an active Product MCP. */
export type Caller = { publication: ActivePublication; toolset: Toolset; credential: string };

/** Serves Product MCPs. Not use cases: callers are no members, and bring a credential of the API. */
export type ProductServing = ReturnType<typeof createProductServing>;

export function createProductServing(deps: Deps) {
  const publications = createPublications(deps);
  const callers = createCallers(deps);
  const toolsets = createToolsets(deps);

  /** Calls the tool of one operation, and counts it. */
  async function callTool(tool: ApiTool, args: unknown, caller: Caller & { signal: AbortSignal }): Promise<ToolAnswer> {
    const { orgId, productMcpId } = caller.publication;
    const started = performance.now();
    const { answer, ...figures } = await callOperation(deps, tool, args, caller);
    deps.productUsage.record({
      orgId,
      productMcpId,
      tool: tool.name,
      ms: Math.round(performance.now() - started),
      ...figures,
    });
    return answer;
  }

  return {
    find: publications.find,
    check: callers.check,
    toolset: toolsets.get,
    /** @returns null for a tool that isn't in the list */
    async call(name: string, args: unknown, caller: Caller & { signal: AbortSignal }): Promise<ToolAnswer | null> {
      const { byName, index } = caller.toolset;
      if (index)
        return answerSearchTool({ name, args, byName, index, call: (tool, given) => callTool(tool, given, caller) });
      const tool = byName.get(name);
      return tool ? callTool(tool, args, caller) : null;
    },
  };
}
