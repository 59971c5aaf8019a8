import type { FullAlertRule } from '../../domain/code/alert-rule.ts';
import type { FullMonitor } from '../../domain/code/monitor.ts';
import type { Destination } from '../../domain/notification/rule.ts';
import type { WorkflowDefinition } from '../../domain/workflow/definition.ts';
import type { MaintenanceWindowModel } from '../../prisma/generated/models.ts';
import type { RuleTarget } from '../alert-rule/schema.ts';
import type { CodeChange } from './schema.ts';
import type { MonitorItem, RuleItem, WorkflowItem } from './state.ts';

/** What one change does. `current`: null creates. Each has the change that people see. */
export type WorkflowStep = {
  kind: 'workflow';
  change: CodeChange;
  current: WorkflowItem | null;
  /** Null archives. */
  next: { definition: WorkflowDefinition; slug: string; tags: string[] } | null;
};
export type MonitorStep = {
  kind: 'monitor';
  change: CodeChange;
  current: MonitorItem | null;
  next: { full: FullMonitor; serverId: string; authProfileId: string } | null;
};
/** `target`: the slug of a workflow or monitor that may be created by the same push. */
export type PlannedTarget =
  | Exclude<RuleTarget, { kind: 'workflow' | 'monitor' }>
  | { kind: 'workflow' | 'monitor'; slug: string }
  | { kind: 'installation' };
export type RuleStep = {
  kind: 'alert_rule';
  change: CodeChange;
  current: RuleItem | null;
  next: { full: FullAlertRule; target: PlannedTarget; destination: Destination } | null;
};
export type MaintenanceStep = {
  kind: 'maintenance';
  change: CodeChange;
  current: MaintenanceWindowModel | null;
  next: { serverId: string | null; startsAt: Date; endsAt: Date; reason: string } | null;
};
export type Step = WorkflowStep | MonitorStep | RuleStep | MaintenanceStep;
