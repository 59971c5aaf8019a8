import type { DeliveryKind } from '../notification/rule.ts';
import { hourMs, minuteMs } from '../values/time.ts';
import { isFailing, meetsThreshold, type RuleView } from './rule-matching.ts';
import { freshMemory, freshNotification, type NotificationState, type RuleMemory, type SubjectState } from './state.ts';

/** This many changes within an hour are flapping. */
const flappingChanges = 4;
/** How often a suppressed rule looks again: a mute or maintenance window can be ended early. */
const suppressedRecheckMs = minuteMs;

export type Notice = { kind: Exclude<DeliveryKind, 'test'>; ordinal: number };

export type Decision = {
  notification: NotificationState;
  memory: RuleMemory;
  notices: Notice[];
  /**
   * When to decide again without an observation: reminder, end of a mute, maintenance, cooldown or flapping; null:
   * never.
   */
  dueAt: number | null;
};

/**
 * Decides what one rule notifies of one incident: after an observation of its subject, or because `dueAt` has come. The
 * rule is active and matches the subject, and the incident isn't absorbed by a server incident.
 *
 * - Per rule, a subject is failing from when its threshold is met until it is well or at a level that the rule doesn't
 *   match.
 * - A failure is notified once, a recovery only after its failure. A subject that fails again gets the next ordinal.
 * - Four changes within an hour are flapping: notified once, then nothing until an hour has passed without a change. A
 *   subject that is well then has recovered, if its failure was notified; one that fails then counts as notified.
 * - While suppressed (muted, or in maintenance) nothing is notified; what still fails afterwards is notified then.
 *
 * @param of.now Unix time in milliseconds, not before the subject's latest observation.
 */
export function decide(of: {
  rule: RuleView;
  incidentId: string;
  /** The subject after its latest observation. */
  subject: SubjectState;
  notification: NotificationState | null;
  now: number;
  isSuppressed: boolean;
}): Decision {
  const { rule, incidentId, subject, now, isSuppressed } = of;
  const { conditions } = rule;
  const notification: NotificationState = { ...freshNotification, ...of.notification };
  const before = subject.rules[rule.id] ?? freshMemory;
  const memory: RuleMemory = { ...before, changes: before.changes.filter((at) => at > now - hourMs) };
  const notices: Notice[] = [];
  const notify = (kind: Notice['kind']) => {
    notification[kind] += 1;
    notices.push({ kind, ordinal: notification[kind] });
  };
  const result = (dueAt: number | null): Decision => ({ notification, memory, notices, dueAt });

  const isCurrent = subject.open?.incidentId === incidentId;
  notification.met =
    isCurrent && isFailing(conditions, subject) && (notification.met || meetsThreshold(conditions, subject));
  // A closed incident says nothing about a subject that has a new one.
  const isOver = !isCurrent && subject.open !== null;
  const hasChanged = updateFiring(memory, isOver ? memory.firing : notification.met, now);
  const stableAt = (memory.changes.at(-1) ?? now) + hourMs;
  if (isOver) {
    if (memory.recoveryPendingFor !== incidentId) return result(null);
    return result(memory.flapping ? stableAt : now + suppressedRecheckMs);
  }

  if (memory.flapping) {
    if (!isSuppressed && !memory.flappingNotified && (notification.met || hasChanged)) {
      notify('flapping');
      memory.flappingNotified = true;
      memory.notifiedAt = now;
      memory.recoveryPendingFor = incidentId;
    }
    if (notification.notified && !notification.met) {
      notification.notified = false;
      memory.recoveryPendingFor = incidentId;
    }
    return result(stableAt);
  }

  if (!notification.met) {
    const isRecoveryPending = notification.notified || memory.recoveryPendingFor === incidentId;
    notification.notified = false;
    if (isRecoveryPending) memory.recoveryPendingFor = null;
    if (isRecoveryPending && conditions.tellRecovery && !isSuppressed) notify('recovered');
    return result(null);
  }

  if (memory.recoveryPendingFor !== null) {
    // It still failed when the flapping ended, which was notified. A new failure after a stable hour is news.
    if (!hasChanged && !notification.notified) {
      notification.notified = true;
      notification.notifiedAt = now;
    }
    memory.recoveryPendingFor = null;
  }
  if (!notification.notified) {
    if (isSuppressed) return result(now + suppressedRecheckMs);
    const from = memory.notifiedAt === null ? now : memory.notifiedAt + conditions.cooldownMinutes * minuteMs;
    if (from > now) return result(from);
    notify('opened');
    notification.notified = true;
    notification.notifiedAt = now;
    memory.notifiedAt = now;
  }
  if (conditions.remindEveryMinutes === null) return result(null);
  const intervalMs = conditions.remindEveryMinutes * minuteMs;
  const reminderAt = (notification.notifiedAt ?? now) + intervalMs;
  if (reminderAt > now) return result(reminderAt);
  if (isSuppressed) return result(now + suppressedRecheckMs);
  notify('reminder');
  notification.notifiedAt = now;
  return result(now + intervalMs);
}

/**
 * Ends flapping after an hour without a change, then records whether the rule is firing. @returns whether that changed
 */
function updateFiring(memory: RuleMemory, firing: boolean, now: number): boolean {
  if (memory.flapping && memory.changes.length === 0) {
    memory.flapping = false;
    memory.flappingNotified = false;
  }
  if (firing === memory.firing) return false;
  memory.firing = firing;
  memory.changes = [...memory.changes, now].slice(-2 * flappingChanges);
  if (memory.changes.length >= flappingChanges) memory.flapping = true;
  return true;
}
