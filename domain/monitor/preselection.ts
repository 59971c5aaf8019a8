import { toEntries } from '../json/json.ts';
import { openSchema, requiredNames } from '../schema/node.ts';

/** The latest test call of a tool. `asked`: the server asked for input, which a check can't give. */
export type TestCall = { latencyMs: number | null; asked: boolean };

/** A tool that takes longer isn't called every minute. */
export const slowCallMs = 5000;

const hints = ['readOnlyHint', 'destructiveHint', 'idempotentHint', 'openWorldHint'];
/** As words of their own: `get_order` and `getOrder`, but not `getaway`. */
const readingName = /^(?:[Gg]et|GET|[Ll]ist|LIST|[Ss]earch|SEARCH|[Ff]ind|FIND|[Rr]ead|READ)(?![a-z])/;
/** With these, arguments may be required that `required` doesn't name. */
const conditions = ['anyOf', 'oneOf', 'allOf', 'not', 'if', 'minProperties', '$ref'];

/** Decides whether the wizard preselects a tool, and says why, in one sentence. */
export function preselect({
  name,
  annotations,
  inputSchema,
  taskSupport,
  testCall,
  monitorCount,
}: {
  name: string;
  annotations: unknown;
  inputSchema: unknown;
  taskSupport: string | null;
  testCall: TestCall | null;
  monitorCount: number;
}): { preselected: boolean; why: string } {
  const not = (why: string) => ({ preselected: false, why });
  if (monitorCount > 0) return not(`${monitorCount === 1 ? 'A monitor calls' : 'Monitors call'} it already.`);
  if (taskSupport === 'required') return not('It can only be called as a task, so a plain call fails.');
  if (testCall?.asked) return not('Its test call asked for input, which a check cannot give.');
  if (testCall?.latencyMs != null && testCall.latencyMs > slowCallMs)
    return not(`Its test call took ${(testCall.latencyMs / 1000).toFixed(1)} s.`);
  const node = openSchema(inputSchema, inputSchema);
  if (!node) return not('Its input schema cannot be read.');
  const required = [...requiredNames(node)];
  if (required.length > 0)
    return not(`It needs arguments: ${required.slice(0, 5).map(short).join(', ')}${required.length > 5 ? ', …' : ''}.`);
  if (conditions.some((keyword) => node.keywords.has(keyword)))
    return not('Which arguments it needs depends on the other arguments.');
  const given = toEntries(annotations);
  if (given?.get('readOnlyHint') === true) return { preselected: true, why: 'It needs no arguments and only reads.' };
  if (given?.get('destructiveHint') === true)
    return not('The server says that it can change or delete data permanently.');
  if (hints.some((hint) => given?.has(hint))) return not('The server does not say that it only reads.');
  return readingName.test(name)
    ? {
        preselected: true,
        why: 'It needs no arguments, and by its name it only reads. Make sure that calling it often is harmless.',
      }
    : not('Nothing says that it only reads. Make sure that calling it often is harmless.');
}

/** Whether a tool only reads: by what its server says, or, where it says nothing, by its name. */
export function isKnownToRead({ name, annotations }: { name: string; annotations?: unknown }): boolean {
  const given = toEntries(annotations);
  if (given?.get('readOnlyHint') === true) return true;
  return !hints.some((hint) => given?.has(hint)) && readingName.test(name);
}

const short = (name: string): string => (name.length > 60 ? `${name.slice(0, 60)}…` : name);
