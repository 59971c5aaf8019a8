/** Who waits for work: somebody who asked for it, a Schedule, or nobody in particular. */
export type Urgency = 'manual' | 'scheduled' | 'bulk';

/** Temporal's priorities are 1 to 5, and 3 without one. The smaller goes first. */
const keys: Record<Urgency, number> = { manual: 2, scheduled: 3, bulk: 4 };

/**
 * How Temporal orders waiting tasks of one queue: by urgency, and equally urgent ones by organization in turns, so that
 * one with many doesn't make the others wait. Activities and child workflows have that of their workflow.
 */
export const toPriority = (urgency: Urgency, orgId?: string): { priorityKey: number; fairnessKey?: string } => ({
  priorityKey: keys[urgency],
  ...(orgId !== undefined && { fairnessKey: orgId }),
});
