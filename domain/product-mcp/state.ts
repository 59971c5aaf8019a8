export const productStates = ['needs_setup', 'active', 'paused'] as const;
export type ProductState = (typeof productStates)[number];

export const productModes = ['list', 'search'] as const;
export type ProductMode = (typeof productModes)[number];

/** Above these, a list is more than a model should read before each task. */
const maxListedTools = 40;
const maxListedTokens = 20_000;

export const suggestMode = ({ tools, tokens }: { tools: number; tokens: number }): ProductMode =>
  tools > maxListedTools || tokens > maxListedTokens ? 'search' : 'list';
