import { diffCatalog, type ToolChange } from '../catalog/diff.ts';
import type { ApiDocument } from './document/document.ts';
import { listTools } from './tool/list.ts';
import { responseSchemas } from './tool/response.ts';
import type { ApiTool, ToolSettings } from './tool/tool.ts';

/** A change of a tool, with the operation that it is of. */
export type ApiToolChange = ToolChange & { key: string };

/**
 * What another document changes for callers of the tools: names stay with method and path, and what a person set stays.
 * Answers are compared as the documents declare them.
 */
export function diffDocuments(before: ApiDocument, after: ApiDocument, settings: ToolSettings = {}): ApiToolChange[] {
  const old = listTools(before, settings).tools;
  const pinnedNames = { ...settings.pinnedNames, ...Object.fromEntries(old.map(({ key, name }) => [key, name])) };
  const now = listTools(after, { ...settings, pinnedNames }).tools;
  const keys = new Map([...now, ...old].map(({ name, key }) => [name, key]));
  return diffCatalog(toCatalog(before, old), toCatalog(after, now)).map((change) => ({
    ...change,
    key: keys.get(change.tool) ?? change.tool,
  }));
}

function toCatalog(document: ApiDocument, tools: readonly ApiTool[]) {
  const schemas = responseSchemas(document);
  return tools.map((tool) => {
    const { name, description, inputSchema, annotations } = tool;
    return { name, description, inputSchema, annotations, outputSchema: schemas.of(tool.key) };
  });
}
