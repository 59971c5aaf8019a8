import { oneLine, printable } from './style.ts';

/**
 * Text of a server or model below a line of our own. Each line begins with a bar: GitHub reads a line that begins with
 * `::` as a command, even after spaces.
 */
export const quoteLines = (text: string, indent = '  ', maxLines = 40): string[] => {
  const lines = printable(text).trimEnd().split('\n');
  const shown = lines.slice(0, maxLines).map((line) => `${indent}│ ${line.slice(0, 2000)}`);
  return lines.length > maxLines ? [...shown, `${indent}│ … ${lines.length - maxLines} more lines`] : shown;
};

const names = ['ms', 's', 'min'] as const;
/** Such as `850 ms`, `2.4 s`, `3.1 min`. */
export function formatDuration(ms: number): string {
  const [inMs, inS, inMin] = names;
  if (ms < 1000) return `${Math.round(ms)} ${inMs}`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} ${inS}` : `${(ms / 60_000).toFixed(1)} ${inMin}`;
}

/** Such as `$0.0021`; empty where the price is unknown. */
export const formatCost = (cost: number | null): string =>
  cost === null ? '' : cost === 0 ? '$0' : `$${cost.toFixed(cost < 0.1 ? 4 : 2)}`;

export const formatPercent = (share: number): string => `${Math.round(share * 100)} %`;

/** `1 call`, `2 calls`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;

/** A name of a workflow, a model or a tool within a sentence. */
export const named = (text: string): string => oneLine(text, 120);
