import type { DeliveryKind } from '../notification/rule.ts';
import { hourMs, minuteMs } from '../values/time.ts';
import type { CloseReason } from './incident.ts';
import { isFailing, meetsThreshold, type RuleView } from './rule-matching.ts';
import { freshMemory, freshNotification, type NotificationState, type RuleMemory, type SubjectState } from './state.ts';

/** This many changes within an hour are flapping. */
const flappingChanges = 4;
/** How often a suppressed or held rule looks again: a mute or maintenance window can be ended early. */
const suppressedRecheckMs = minuteMs;

export type Notice = {
  kind: Exclude<DeliveryKind, 'test'>;
  /** 1, 2, … among those of its kind. */
  ordinal: number;
  /** 1, 2, … among all of this rule and incident. */
  sequence: number;
};

const noticeKinds = ['opened', 'reminder', 'flapping', 'recovered', 'closed'] as const satisfies Notice['kind'][];

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
 * Decides what one rule notifies of one incident: after an observation of its subject, after its end, or because
 * `dueAt` has come. The rule is active, it matches the subject or has notified of the incident, and the incident isn't
 * absorbed by another.
 *
 * - Per rule, a subject is failing from when its threshold is met until it is well or at a level that the rule doesn't
 * match.
 * - A failure is notified once, and so is its end: every incident that was notified is closed for its recipients. A
 * subject that fails again gets the next ordinal.
 * - Four changes within an hour are flapping: notified once, then nothing until an hour has passed without a change.
 * Then incidents that have ended are closed, and a subject that still fails is notified again.
 * - While suppressed (muted, or in maintenance) nothing is notified. What is true afterwards is notified then: a
 * failure that goes on, and the end of one that was notified before.
 *
 * @param of.closeReason of the incident; null while it is open
 * @param of.now Unix time in milliseconds, not before the subject's latest observation.
 */
export function decide(of: {
  rule: RuleView;
  incidentId: string;
  closeReason: CloseReason | null;
  /** The subject after its latest observation. */
  subject: SubjectState;
  notification: NotificationState | null;
  now: number;
  isSuppressed: boolean;
  /** Until then the failure may turn out to be part of an outage, which notifies instead. */
  heldUntil?: number | null;
  /** Somebody looks after the incident: no reminders. */
  isAcknowledged?: boolean;
}): Decision {
  const { rule, incidentId, subject, now, isSuppressed } = of;
  const { conditions } = rule;
  const notification: NotificationState = { ...freshNotification, ...of.notification };
  const before = subject.rules[rule.id] ?? freshMemory;
  // Times ahead of now are from a clock that was wrong.
  const notLater = (at: number | null) => at && Math.min(at, now);
  notification.notifiedAt = notLater(notification.notifiedAt);
  const memory: RuleMemory = {
    ...before,
    changes: before.changes.map((at) => Math.min(at, now)).filter((at) => at > now - hourMs),
    notifiedAt: notLater(before.notifiedAt),
  };
  const notices: Notice[] = [];
  const notify = (kind: Notice['kind']) => notices.push(countNotice(notification, kind));
  const notifyFailure = (kind: 'opened' | 'reminder' | 'flapping') => {
    notify(kind);
    notification.notified = true;
    notification.notifiedAt = now;
    memory.notifiedAt = now;
    memory.flappingNotified = kind === 'flapping';
  };
  const result = (dueAt: number | null): Decision => ({ notification, memory, notices, dueAt });

  const isCurrent = subject.open?.incidentId === incidentId;
  notification.met =
    isCurrent && isFailing(conditions, subject) && (notification.met || meetsThreshold(conditions, subject));
  // A closed incident says nothing about a subject that has a new one.
  const isOver = !isCurrent && subject.open !== null;
  const hasChanged = updateFiring(memory, isOver ? memory.firing : notification.met, now);

  if (memory.flapping) {
    const isNews = !memory.flappingNotified && !isOver && (notification.met || hasChanged);
    if (isNews && !isSuppressed) notifyFailure('flapping');
    if (!notification.met && !notification.notified) return result(null);
    const stableAt = (memory.changes.at(-1) ?? now) + hourMs;
    return result(isNews && isSuppressed ? Math.min(stableAt, now + suppressedRecheckMs) : stableAt);
  }

  if (!notification.met) {
    if (isSuppressed) return result(notification.notified ? now + suppressedRecheckMs : null);
    if (!isOver) memory.flappingNotified = false;
    if (notification.notified && conditions.tellRecovery)
      notify(of.closeReason === null || of.closeReason === 'recovered' ? 'recovered' : 'closed');
    notification.notified = false;
    return result(null);
  }

  if (memory.flappingNotified) {
    // It still fails an hour after the last change, and the last message doesn't say so.
    if (isSuppressed) return result(now + suppressedRecheckMs);
    notifyFailure(notification.notified ? 'reminder' : 'opened');
  } else if (!notification.notified) {
    if (isSuppressed) return result(now + suppressedRecheckMs);
    const from = memory.notifiedAt === null ? now : memory.notifiedAt + conditions.cooldownMinutes * minuteMs;
    if (from > now) return result(from);
    const heldUntil = of.heldUntil ?? now;
    if (heldUntil > now) return result(Math.min(heldUntil, now + suppressedRecheckMs));
    notifyFailure('opened');
  }
  if (conditions.remindEveryMinutes === null || of.isAcknowledged) return result(null);
  const intervalMs = conditions.remindEveryMinutes * minuteMs;
  const reminderAt = (notification.notifiedAt ?? now) + intervalMs;
  if (reminderAt > now) return result(reminderAt);
  if (isSuppressed) return result(now + suppressedRecheckMs);
  notify('reminder');
  notification.notifiedAt = now;
  return result(now + intervalMs);
}

/**
 * Ends what a rule notifies of an incident, because the rule no longer does: it was paused, deleted or changed.
 * @param kind `recovered` if the incident has recovered, which was not notified yet
 */
export function endNotification(
  before: NotificationState,
  kind: 'recovered' | 'closed',
): { notification: NotificationState; notice: Notice } {
  const notification = { ...before, met: false, notified: false };
  return { notice: countNotice(notification, kind), notification };
}

/** Counts a notice. */
function countNotice(notification: NotificationState, kind: Notice['kind']): Notice {
  notification[kind] += 1;
  const sequence = noticeKinds.reduce((sum, each) => sum + notification[each], 0);
  return { kind, ordinal: notification[kind], sequence };
}

/**
 * Ends flapping after an hour without a change, then records whether the rule is firing. @returns whether that changed
 */
function updateFiring(memory: RuleMemory, firing: boolean, now: number): boolean {
  if (memory.changes.length === 0) memory.flapping = false;
  if (firing === memory.firing) return false;
  memory.firing = firing;
  memory.changes = [...memory.changes, now].slice(-2 * flappingChanges);
  if (memory.changes.length >= flappingChanges && !memory.flapping) {
    memory.flapping = true;
    memory.flappingNotified = false;
  }
  return true;
}
