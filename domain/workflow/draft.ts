import { writeToolName } from '../catalog/write-tool-name.ts';
import { isKnownToRead } from '../monitor/preselection.ts';
import { argumentProblems } from '../schema/arguments.ts';
import { knownArguments, sampleArguments } from '../schema/samples.ts';

/** A tool as a draft uses it. Its description is untrusted, so drafts leave it out. */
export type DraftedTool = { name: string; inputSchema: unknown; outputSchema?: unknown; annotations?: unknown };

/** A step that calls a tool with sample arguments. */
export const draftStep = ({ name, inputSchema }: DraftedTool): string =>
  `call ${writeToolName(name)} ${JSON.stringify(sampleArguments(inputSchema))}`;

/** A prompt and criteria that exercise tools. `isScripted`: for the built-in tester, which makes explicit steps. */
export function draftTest(tools: readonly DraftedTool[], { isScripted }: { isScripted: boolean }) {
  const names = tools.map(({ name }) => writeToolName(name));
  const list = names.length > 1 ? `tools ${names.slice(0, -1).join(', ')} and ${names.at(-1)}` : `tool ${names[0]}`;
  return {
    prompt: isScripted
      ? tools.map(draftStep).join('\n')
      : `Do something for which a user of this server needs the ${list}, with realistic arguments, and report the result.`,
    criteria: [
      ...names.map((name) => `calls ${name}`),
      'no tool call fails',
      ...tools.flatMap(({ name, outputSchema }) =>
        outputSchema == null ? [] : [`${writeToolName(name)} result fits its output schema`],
      ),
    ],
  };
}

/** Whether a tool may be called without knowing its server: it only reads, and its schema names all that it needs. */
export const canBeTried = ({ name, inputSchema, annotations }: DraftedTool): boolean =>
  isKnownToRead({ name, annotations }) && argumentProblems(knownArguments(inputSchema), inputSchema).length === 0;

const maxGroupSize = 8;

/**
 * Tools by what they are about, from their names: `get_order` and `list_orders` are about `order`. A tool that is alone
 * comes to the group `other`. In the order of the tools.
 */
export function groupTools<T extends DraftedTool>(tools: readonly T[]): { topic: string; tools: T[] }[] {
  const all = [...Map.groupBy(tools, ({ name }) => toTopic(name))];
  const large = all.filter(([, group]) => group.length > 1);
  const alone = all.flatMap(([, group]) => (group.length > 1 ? [] : group));
  const groups = [...large, ...(alone.length > 0 ? [[large.length > 0 ? 'other' : 'all', alone] as const] : [])];
  return groups.flatMap(([topic, group]) =>
    Array.from({ length: Math.ceil(group.length / maxGroupSize) }, (_, part) => ({
      topic: part === 0 ? topic : `${topic} ${part + 1}`,
      tools: group.slice(part * maxGroupSize, (part + 1) * maxGroupSize),
    })),
  );
}

/** The last word of a name, in the singular. */
function toTopic(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  const last = (words.at(-1) ?? name).toLowerCase();
  return last.length > 3 && /[^su]s$/.test(last) ? last.slice(0, -1) : last;
}
