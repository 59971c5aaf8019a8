import type { ApiTool, ToolAnswer } from '../../../domain/openapi/index.ts';
import type { Deps } from '../../context/context.ts';
import { callOperation } from './call.ts';
import { type Caller, maskAnswer } from './caller.ts';
import { createCallers } from './callers.ts';
import { createPublications } from './publication.ts';
import { answerSearchTool } from './search-mode.ts';
import { createToolsets } from './toolset.ts';

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

  function callByName(name: string, args: unknown, caller: Caller & { signal: AbortSignal }) {
    const { byName, index } = caller.toolset;
    const call = (tool: ApiTool, given: unknown) => callTool(tool, given, caller);
    if (index) return answerSearchTool({ name, args, byName, index, call });
    const tool = byName.get(name);
    return tool ? call(tool, args) : null;
  }

  return {
    find: publications.find,
    check: callers.check,
    toolset: toolsets.get,
    /** The credential is masked wherever it is repeated. @returns null for a tool that isn't in the list */
    async call(name: string, args: unknown, caller: Caller & { signal: AbortSignal }): Promise<ToolAnswer | null> {
      const answer = await callByName(name, args, caller);
      return answer && maskAnswer(answer, caller.redactor);
    },
  };
}
