import type { Tool } from '../../agent/ports.ts';
import { sameJson } from '../../domain/json/json.ts';
import type { ListedTool } from '../../infra/db/queries/catalog.ts';
import { Prisma } from '../../prisma/generated/client.ts';
import type { CatalogToolModel } from '../../prisma/generated/models.ts';
import { sanitizeForPostgres, sanitizeText } from '../context/sanitize.ts';
import { toJson } from '../context/use-case.ts';

/** Converts tools to what the database can store, without those that repeat a name. */
export function toListedTools(tools: readonly Tool[]): ListedTool[] {
  const byName = new Map<string, ListedTool>();
  for (const tool of tools) {
    const name = sanitizeText(tool.name);
    if (!byName.has(name))
      byName.set(name, {
        name,
        title: tool.title === undefined ? null : sanitizeText(tool.title),
        description: sanitizeText(tool.description ?? ''),
        inputSchema: sanitizeForPostgres(tool.inputSchema),
        outputSchema: tool.outputSchema === undefined ? null : sanitizeForPostgres(tool.outputSchema),
        annotations: sanitizeForPostgres(tool.annotations ?? {}),
        taskSupport: tool.taskSupport ?? null,
        warnings: (tool.warnings ?? []).map(sanitizeText),
      });
  }
  return [...byName.values()];
}

/** Whether what no tool change records is the same: support of tasks, and warnings. */
export const hasSameNotes = (
  row: Pick<CatalogToolModel, 'taskSupport' | 'warnings'> | undefined,
  tool: ListedTool,
): boolean => row?.taskSupport === tool.taskSupport && sameJson(row.warnings, tool.warnings);

export const toColumns = ({ inputSchema, outputSchema, annotations, ...plain }: ListedTool) => ({
  ...plain,
  inputSchema: toJson(inputSchema),
  outputSchema: outputSchema === null ? Prisma.DbNull : toJson(outputSchema),
  annotations: toJson(annotations),
});
