import { searchModeTools } from '../search/tools.ts';
import type { ApiTool } from './tool.ts';

/** Estimates: models differ by a fifth. */
export type TokenReport = {
  /** Of `tools/list` with a tool for each operation. */
  list: number;
  withoutDescriptions: number;
  /** Of `tools/list` in search mode, however many operations there are. */
  search: number;
  largest: { key: string; name: string; tokens: number }[];
};

const charactersPerToken = 4;
const largestShown = 10;

export const estimateTokens = (characters: number): number => Math.ceil(characters / charactersPerToken);

/** Counts what lists of tools take of a model's context. */
export function createMeter() {
  let list = 0;
  let bare = 0;
  const sizes: TokenReport['largest'] = [];
  return {
    /** @param schemaLength of its input schema as JSON */
    add({ key, name, description, annotations }: ApiTool, schemaLength: number): void {
      const frame = JSON.stringify({ name, description: '', inputSchema: '', annotations }).length;
      const text = JSON.stringify(description).length;
      list += frame + schemaLength + text;
      bare += frame + schemaLength;
      sizes.push({ key, name, tokens: estimateTokens(frame + schemaLength + text) });
    },
    report: (tools: readonly ApiTool[]): TokenReport => ({
      list: estimateTokens(list),
      withoutDescriptions: estimateTokens(bare),
      search: estimateTokens(JSON.stringify(searchModeTools(tools)).length),
      largest: sizes
        .toSorted((one, two) => two.tokens - one.tokens || (one.key < two.key ? -1 : 1))
        .slice(0, largestShown),
    }),
  };
}
