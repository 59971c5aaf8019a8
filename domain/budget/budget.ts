import { formatMonth, getBounds } from './month.ts';

/** From this share on, a budget is nearly used up. */
export const warnShare = 0.8;

/** Who limits what: the operator each workspace (`ceiling`), the owner the workspace, or one of its workflows. */
export const capScopes = ['ceiling', 'workspace', 'workflow'] as const;
export type CapScope = (typeof capScopes)[number];
export const measures = ['tokens', 'cost'] as const;
export type Measure = (typeof measures)[number];

/** One limit of a month with what is used of it: tokens of testers and judges together, or US dollars. */
export type Cap = {
  scope: CapScope;
  workflowId: string | null;
  /** Untrusted. */
  workflowName: string | null;
  measure: Measure;
  limit: number;
  used: number;
};

export const budgetLevels = ['ok', 'near', 'reached'] as const;
export type BudgetLevel = (typeof budgetLevels)[number];

/** A limit of zero is reached from the start. */
export const getShare = ({ used, limit }: Pick<Cap, 'used' | 'limit'>): number => (limit > 0 ? used / limit : 1);

export function getBudgetLevel(cap: Pick<Cap, 'used' | 'limit'>): BudgetLevel {
  const share = getShare(cap);
  return share >= 1 ? 'reached' : share >= warnShare ? 'near' : 'ok';
}

/** The cap of which the most is used. */
export const findTightest = <T extends Pick<Cap, 'used' | 'limit'>>(caps: readonly T[]): T | undefined =>
  caps.toSorted((a, b) => getShare(b) - getShare(a))[0];

/** `1,200 tokens`, `$0.40`. */
export const formatAmount = (measure: Measure, amount: number): string =>
  measure === 'tokens'
    ? `${Math.round(amount).toLocaleString('en-US')} tokens`
    : `$${amount.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: amount < 1 ? 4 : 2 })}`;

/** `1,200 of 1,000 tokens`, `$0.40 of $1.00`. */
export const formatUse = ({ measure, used, limit }: Cap): string =>
  measure === 'tokens'
    ? `${Math.round(used).toLocaleString('en-US')} of ${formatAmount(measure, limit)}`
    : `${formatAmount(measure, used)} of ${formatAmount(measure, limit)}`;

/** What the cap is, at the beginning of a sentence. */
export function describeCap({ scope, measure, workflowName }: Cap): string {
  const of = measure === 'tokens' ? 'token' : 'cost';
  if (scope === 'ceiling') return `The operator's ${of} ceiling for this workspace`;
  if (scope === 'workspace') return `The ${of} budget of this workspace`;
  return `The ${of} budget of the workflow "${workflowName ?? ''}"`;
}

/** Why a run does not begin: which budget, what is used of it, and what to do. */
export function explainRefusal(cap: Cap, month: string): string {
  const until = getBounds(month).end.toLocaleDateString('en-US', { month: 'long', day: 'numeric', timeZone: 'UTC' });
  const raise =
    cap.scope === 'ceiling'
      ? `Ask the operator to raise ${cap.measure === 'tokens' ? 'ARMATURE_MONTHLY_TOKENS' : 'ARMATURE_MONTHLY_COST'}`
      : 'Ask the owner to raise it in Settings → Plan';
  return `${describeCap(cap)} is used up for ${formatMonth(month)}: ${formatUse(cap)}. ${raise}, or run it again from ${until} (UTC).`;
}

/** The same for people who are notified. */
export function explainUse(cap: Cap, month: string): string {
  const verb = getBudgetLevel(cap) === 'reached' ? 'is used up' : `is ${Math.floor(getShare(cap) * 100)} % used`;
  return `${describeCap(cap)} ${verb} for ${formatMonth(month)}: ${formatUse(cap)}.`;
}
