import type { Tally } from './stats.ts';

/** When repeated runs pass together. `rate`: at least this share of them. */
export type PassRule = { kind: 'all' | 'any' | 'majority' } | { kind: 'rate'; atLeast: number };

/** Reads `all`, `any`, `majority` or `rate:0.8`. Null for anything else. */
export function parsePassRule(text: string): PassRule | null {
  if (text === 'all' || text === 'any' || text === 'majority') return { kind: text };
  const [, share = ''] = /^rate:(\d*\.?\d+)$/.exec(text) ?? [];
  const atLeast = Number(share);
  return share !== '' && atLeast > 0 && atLeast <= 1 ? { kind: 'rate', atLeast } : null;
}

/** Whether the runs pass together. No runs never do. */
export function meetsPassRule(rule: PassRule, { passes, runs }: Tally): boolean {
  if (runs === 0) return false;
  switch (rule.kind) {
    case 'all':
      return passes === runs;
    case 'any':
      return passes > 0;
    case 'majority':
      return passes * 2 > runs;
    case 'rate':
      return passes / runs >= rule.atLeast;
  }
}
