import type { CheckRules } from '../../domain/monitor/check-outcome.ts';
import { findCalledTools } from '../../infra/db/queries/monitor.ts';
import type { Tool } from '../../infra/mcp-target/index.ts';
import type { Deps } from '../context/context.ts';

/** What checks need of a server's catalog. */
export type CalledTools = {
  /** For the connection: tools whose arguments travel in HTTP headers. */
  tools: Tool[];
  /** The schema that a monitor's results are checked against, as JSON; null where they aren't. */
  getOutputSchema(monitor: Pick<CheckRules, 'tool' | 'checkOutputSchema' | 'assertions'>): string | null;
};

export async function loadCalledTools(
  { db }: Pick<Deps, 'db'>,
  { orgId, serverId, tools }: { orgId: string; serverId: string; tools: readonly string[] },
): Promise<CalledTools> {
  const rows = await findCalledTools(db, { orgId, serverId, tools });
  const schemas = new Map(rows.map(({ name, outputSchema }) => [name, outputSchema]));
  return {
    tools: rows.flatMap(({ name, inputSchema }) => (inputSchema === null ? [] : [{ name, inputSchema }])),
    getOutputSchema: ({ tool, checkOutputSchema, assertions }) =>
      // An assertion may be about the schema.
      checkOutputSchema || assertions.length > 0 ? (schemas.get(tool) ?? null) : null,
  };
}
