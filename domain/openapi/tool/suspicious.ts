import { listTexts } from '../../report/catalog-rule.ts';
import { patterns, quoteMatch } from '../../report/safety/instructions.ts';
import type { ApiTool } from './tool.ts';

/** A text that looks like an instruction to the model, with where it stands and what makes it suspicious. */
export type SuspiciousText = { key: string; at: string; rule: string; quote: string };

const maxFound = 100;

/** By the rules of reports on servers. A schema that many tools share is read once, for the first of them. */
export function findSuspiciousTexts(tools: readonly ApiTool[]): SuspiciousText[] {
  const read = new Set<unknown>();
  const found: SuspiciousText[] = [];
  for (const { key, name, description, inputSchema } of tools) {
    const { $defs = {}, ...own } = inputSchema;
    const definitions = Object.entries($defs).filter(([, schema]) => !read.has(schema));
    for (const [, schema] of definitions) read.add(schema);
    const schema = { ...own, ...(definitions.length > 0 && { $defs: Object.fromEntries(definitions) }) };
    for (const { at, text } of listTexts({ name, description, inputSchema: schema }))
      for (const { title, finds } of patterns) {
        const quote = quoteMatch(finds, text);
        if (quote !== null && found.length < maxFound) found.push({ key, at: at(), rule: title, quote });
      }
  }
  return found;
}
