import { compactJson } from '../json/json.ts';

type Sized = { name: string; description?: string | null | undefined; inputSchema: unknown };

/** About the tokens that a tool takes in each request to a model: 4 characters of JSON are one, roughly. */
export const toolTokens = ({ name, description, inputSchema }: Sized): number =>
  Math.round((compactJson({ name, description: description ?? undefined, inputSchema })?.length ?? 0) / 4);

export const countTokens = (tools: readonly Sized[]): number => tools.reduce((sum, tool) => sum + toolTokens(tool), 0);
