import type { AlertConditions, RuleTargetKind } from '../notification/rule.ts';
import { minuteMs } from '../values/time.ts';
import type { SubjectKind } from './incident.ts';
import type { Failure, SubjectState } from './state.ts';

/** What decides of a rule. */
export type RuleView = { id: string; conditions: AlertConditions };

/** Who an incident belongs to, as rules choose by it. `monitorIds`: those that a server incident speaks for. */
export type IncidentTarget = {
  subjectKind: SubjectKind;
  serverId: string | null;
  monitorId: string | null;
  workflowId: string | null;
  monitorIds?: ReadonlySet<string>;
};

/** Whether a rule is about this subject at all. */
export function isAbout(rule: { targetKind: RuleTargetKind; targetId: string | null }, of: IncidentTarget): boolean {
  switch (rule.targetKind) {
    case 'all_monitors':
      return of.subjectKind === 'monitor' || of.subjectKind === 'server';
    case 'monitor':
      if (rule.targetId === null) return false;
      return of.subjectKind === 'server'
        ? of.monitorIds?.has(rule.targetId) === true
        : of.subjectKind === 'monitor' && of.monitorId === rule.targetId;
    case 'all_workflows':
      return of.subjectKind === 'workflow';
    case 'workflow':
      return of.subjectKind === 'workflow' && of.workflowId === rule.targetId;
    case 'tool_changes':
      return of.subjectKind === 'tool_change' && (rule.targetId === null || of.serverId === rule.targetId);
    case 'installation':
      return of.subjectKind === 'installation';
  }
}

/** Whether a rule fires on such a failure. */
export function caresFor(conditions: AlertConditions, { o: outcome, f: flagged }: Failure): boolean {
  if (flagged && conditions.onFlagged) return true;
  switch (outcome) {
    case 'degraded':
      return conditions.onDegraded;
    case 'partial':
      return conditions.onPartial;
    // A run that passed, and was flagged.
    case 'flagged':
      return conditions.onFlagged;
    default:
      return true;
  }
}

/** The failures that a rule sees: runs that somebody asked for only when it says so. */
export const seenBy = ({ includeManualRuns }: AlertConditions, failures: readonly Failure[]): Failure[] =>
  failures.filter(({ m: manual }) => !manual || includeManualRuns);

/** Whether the latest failures of the open incident meet a rule's threshold. */
export function meetsThreshold(conditions: AlertConditions, state: SubjectState): boolean {
  if (!state.open) return false;
  const { threshold } = conditions;
  const seen = seenBy(conditions, state.failures);
  const last = seen.at(-1);
  if (!last || last.at < state.open.openedAt || !caresFor(conditions, last)) return false;
  if (threshold.kind === 'within') {
    const since = last.at - threshold.minutes * minuteMs;
    return seen.filter((each) => each.at > since && caresFor(conditions, each)).length >= threshold.failures;
  }
  let inARow = 0;
  for (const each of seen.toReversed()) {
    if (each.at < state.open.openedAt || !caresFor(conditions, each)) break;
    inARow += 1;
  }
  return inARow >= threshold.failures;
}

/** Whether the subject, as it is now, is failing by this rule's measure, its threshold apart. */
export function isFailing(conditions: AlertConditions, state: SubjectState): boolean {
  if (!state.open) return false;
  const last = seenBy(conditions, state.failures).at(-1);
  return last !== undefined && last.at >= state.open.openedAt && caresFor(conditions, last);
}
