import type { AlertConditions, RuleTargetKind } from '../notification/rule.ts';
import { minuteMs } from '../values/time.ts';
import type { SubjectKind } from './incident.ts';
import type { Failure, SubjectState } from './state.ts';

/** What decisions need of a rule. */
export type RuleView = { id: string; conditions: AlertConditions };

/** The subject of an incident, as rules match it. */
export type IncidentTarget = {
  subjectKind: SubjectKind;
  /** The server that it belongs to; all that fail where it is about most servers. */
  serverIds: ReadonlySet<string>;
  monitorId: string | null;
  workflowId: string | null;
  /** Those of the servers or the auth profile that it is about. */
  monitorIds?: ReadonlySet<string>;
  /** Those of the auth profile that it is about. */
  workflowIds?: ReadonlySet<string>;
};

/** Whether a rule's target includes this subject. */
export function matchesTarget(
  rule: { targetKind: RuleTargetKind; targetId: string | null },
  target: IncidentTarget,
): boolean {
  switch (rule.targetKind) {
    case 'all_monitors':
      return target.subjectKind === 'monitor' || isOfServers(target);
    case 'monitor':
      if (rule.targetId === null) return false;
      return isOfServers(target)
        ? target.monitorIds?.has(rule.targetId) === true
        : target.subjectKind === 'monitor' && target.monitorId === rule.targetId;
    case 'all_workflows':
      return target.subjectKind === 'workflow' || (target.workflowIds?.size ?? 0) > 0;
    case 'workflow':
      if (rule.targetId === null) return false;
      return target.workflowId === rule.targetId || target.workflowIds?.has(rule.targetId) === true;
    // With all that belongs to it: monitors, workflows, auth profiles, and breaking tool changes.
    case 'server':
      return target.subjectKind !== 'report' && rule.targetId !== null && target.serverIds.has(rule.targetId);
    case 'all_servers':
      return target.subjectKind !== 'report' && target.serverIds.size > 0;
    case 'tool_changes':
      return target.subjectKind === 'tool_change' && (rule.targetId === null || target.serverIds.has(rule.targetId));
    // Findings of reports have rules of their own: they are about quality, not about outages.
    case 'report':
    case 'budget':
    case 'installation':
      return target.subjectKind === rule.targetKind;
  }
}

const isOfServers = ({ subjectKind }: IncidentTarget): boolean =>
  subjectKind === 'server' || subjectKind === 'auth_profile' || subjectKind === 'all_servers';

/** Whether a rule's conditions include such a failure. */
export function matchesFailure(conditions: AlertConditions, { outcome, flagged }: Failure): boolean {
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

/** The failures that count for a rule: those of manual runs only when its conditions include them. */
export const countedFailures = ({ includeManualRuns }: AlertConditions, failures: readonly Failure[]): Failure[] =>
  failures.filter(({ manual }) => !manual || includeManualRuns);

/** Whether the latest failures of the open incident meet a rule's threshold. */
export function meetsThreshold(conditions: AlertConditions, state: SubjectState): boolean {
  if (!state.open) return false;
  const { threshold } = conditions;
  const counted = countedFailures(conditions, state.failures);
  const last = counted.at(-1);
  if (!last || last.at < state.open.openedAt || !matchesFailure(conditions, last)) return false;
  // It is seen once, not at each check.
  if (last.outcome === 'sign_in_ended' || last.outcome === 'sign_in_ends') return true;
  if (threshold.kind === 'within') {
    const since = last.at - threshold.minutes * minuteMs;
    return (
      counted.filter((failure) => failure.at > since && matchesFailure(conditions, failure)).length >=
      threshold.failures
    );
  }
  let inARow = 0;
  for (const failure of counted.toReversed()) {
    if (failure.at < state.open.openedAt || !matchesFailure(conditions, failure)) break;
    inARow += 1;
  }
  return inARow >= threshold.failures;
}

/** Whether the subject, as it is now, is failing per this rule, whatever its threshold. */
export function isFailing(conditions: AlertConditions, state: SubjectState): boolean {
  if (!state.open) return false;
  const last = countedFailures(conditions, state.failures).at(-1);
  return last !== undefined && last.at >= state.open.openedAt && matchesFailure(conditions, last);
}
