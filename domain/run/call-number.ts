/** The number of a tool call as people, prompts (`$1`) and evidence count. `index` counts from 0 within the run. */
export const toCallNumber = (index: number): number => index + 1;
