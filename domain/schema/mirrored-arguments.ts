import { toEntries } from '../json/json.ts';
import { listSchemas } from './problems.ts';

const keyword = 'x-mcp-header';
const headerName = /^[!#$%&'*+.^_`|~\dA-Za-z-]+$/;
const types: ReadonlySet<unknown> = new Set(['string', 'integer', 'boolean']);

/** Whether the schema asks for arguments in HTTP headers, or a reason says what is wrong with that. */
export const mentionsMirroring = (text: string | null): boolean => text?.includes(keyword) ?? false;

/**
 * Finds what makes a tool's request for arguments in HTTP headers invalid. Clients of MCP 2026-07-28 have to leave such
 * a tool out. @returns one sentence that names the keyword, or null
 */
export function findMirrorProblem(inputSchema: unknown): string | null {
  const names = new Set<string>();
  const pending = [{ schema: inputSchema, isReachable: true, isProperty: false }];
  for (let place = pending.pop(); place; place = pending.pop()) {
    const { schema, isReachable, isProperty } = place;
    const members = toEntries(schema);
    if (!members) continue;
    if (members.has(keyword)) {
      const given = members.get(keyword);
      if (typeof given !== 'string' || !headerName.test(given))
        return `${keyword} is ${JSON.stringify(given)?.slice(0, 80)}, which is not a header name.`;
      const named = `${keyword} ${given.slice(0, 80)}`;
      if (names.has(given.toLowerCase())) return `${named} is on two arguments.`;
      if (!types.has(members.get('type')))
        return `${named} is on an argument of another type than string, integer or boolean.`;
      if (!isReachable || !isProperty) return `${named} is on an argument in a list or an alternative.`;
      names.add(given.toLowerCase());
    }
    for (const [name, value] of members) {
      const isProperties = name === 'properties';
      for (const { schema: inner } of listSchemas(name, value, ''))
        pending.push({ schema: inner, isReachable: isReachable && isProperties, isProperty: isProperties });
    }
  }
  return null;
}
