import { toEntries } from '../../json/json.ts';
import type { ReportTool } from '../evidence.ts';

/** A client or a provider, and what it takes. */
type Client = {
  name: string;
  names: RegExp;
  namesAre: string;
  takesTopLevelUnions: boolean;
  takesAnyOutputSchema: boolean;
};

export const clients: readonly Client[] = [
  {
    name: 'OpenAI',
    names: /^[\w-]{1,64}$/,
    namesAre: 'names have at most 64 letters, digits, "_" and "-"',
    takesTopLevelUnions: false,
    takesAnyOutputSchema: true,
  },
  {
    name: 'Anthropic',
    names: /^[\w-]{1,128}$/,
    namesAre: 'names have at most 128 letters, digits, "_" and "-"',
    takesTopLevelUnions: false,
    takesAnyOutputSchema: true,
  },
  {
    name: 'Gemini',
    names: /^[a-z_][\w.:-]{0,63}$/i,
    namesAre: 'names have at most 64 characters and begin with a letter or "_"',
    takesTopLevelUnions: true,
    takesAnyOutputSchema: true,
  },
  {
    name: 'MCP SDK',
    names: /./s,
    namesAre: 'names are not empty',
    takesTopLevelUnions: true,
    takesAnyOutputSchema: false,
  },
];

/** Why a client can't load a tool; null if it can. */
export function loadingProblem(client: Client, { name, inputSchema, outputSchema }: ReportTool): string | null {
  if (!client.names.test(name)) return client.namesAre;
  const keywords = toEntries(inputSchema);
  if (!client.takesTopLevelUnions && ['anyOf', 'oneOf', 'allOf'].some((keyword) => keywords?.has(keyword)))
    return 'alternatives at the top of the input schema are refused';
  const output = toEntries(outputSchema);
  return !client.takesAnyOutputSchema && output && output.get('type') !== 'object'
    ? 'the output schema must have the type "object"'
    : null;
}
