import type { DeliveryKind } from '../notification/rule.ts';
import { hourMs, minuteMs } from '../values/time.ts';
import { isFailing, meetsThreshold, type RuleView } from './rule-matching.ts';
import { freshTelling, type RuleMemory, type SubjectState, type TellingState } from './state.ts';

/** So many changes within an hour are flapping. */
const flappingChanges = 4;
/** While nothing may be told, whether that is over is looked at so often: a mute and a maintenance window can be ended early. */
const quietLookMs = minuteMs;

export type Notice = { kind: Exclude<DeliveryKind, 'test'>; ordinal: number };

export type Decision = {
  telling: TellingState;
  memory: RuleMemory;
  notices: Notice[];
  /** When to look again although nothing happens: reminder, end of a mute, maintenance, cooldown or flapping; null: no need. */
  dueAt: number | null;
};

const freshMemory: RuleMemory = {
  alarm: false,
  changes: [],
  flapping: false,
  flapTold: false,
  owed: null,
  toldAt: null,
};

/**
 * What one rule tells of one incident now: after an observation of its subject, or because `dueAt` has come. The rule is watching (a
 * paused one isn't asked) and about this subject, and no server incident speaks for it.
 *
 * - By a rule, a subject is failing from where its threshold is met until it is well or on a level that the rule does not care for.
 * - Opened is told once, recovery only of what was told; where the subject comes back to a level that matters, under the next ordinal.
 * - Four changes within an hour are flapping: told once, then nothing until an hour has passed without one. What is well then has
 *   recovered, if something was told; what fails then is taken as told.
 * - Muted, or in maintenance (`isQuiet`), nothing is told; what fails still when that is over is told then.
 *
 * @param now Unix time in milliseconds, not before the subject's latest observation.
 */
export function decide(of: {
  rule: RuleView;
  incidentId: string;
  /** The subject after its latest observation. */
  subject: SubjectState;
  telling: TellingState | null;
  now: number;
  isQuiet: boolean;
}): Decision {
  const { rule, incidentId, subject, now, isQuiet } = of;
  const { conditions } = rule;
  const t: TellingState = { ...freshTelling, ...of.telling };
  const before = subject.rules[rule.id] ?? freshMemory;
  const m: RuleMemory = { ...before, changes: before.changes.filter((at) => at > now - hourMs) };
  const notices: Notice[] = [];
  const tell = (kind: Notice['kind']) => {
    t[kind] += 1;
    notices.push({ kind, ordinal: t[kind] });
  };

  const isCurrent = subject.open?.incidentId === incidentId;
  t.met = isCurrent && isFailing(conditions, subject) && (t.met || meetsThreshold(conditions, subject));
  // A closed incident says nothing of a subject that has another one by now.
  const isOver = !isCurrent && subject.open !== null;
  const alarm = isOver ? m.alarm : t.met;
  if (m.flapping && m.changes.length === 0) {
    m.flapping = false;
    m.flapTold = false;
  }
  const hasChanged = alarm !== m.alarm;
  if (hasChanged) {
    m.alarm = alarm;
    m.changes = [...m.changes, now].slice(-2 * flappingChanges);
    if (m.changes.length >= flappingChanges) m.flapping = true;
  }

  const quietEnd = () => (m.changes.at(-1) ?? now) + hourMs;
  const result = (dueAt: number | null): Decision => ({ telling: t, memory: m, notices, dueAt });
  if (isOver) return result(m.owed === incidentId ? (m.flapping ? quietEnd() : now + quietLookMs) : null);

  if (m.flapping) {
    if (!isQuiet && !m.flapTold && (t.met || hasChanged)) {
      tell('flapping');
      m.flapTold = true;
      m.toldAt = now;
      m.owed = incidentId;
    }
    if (t.told && !t.met) {
      t.told = false;
      m.owed = incidentId;
    }
    return result(quietEnd());
  }

  if (!t.met) {
    const isOwed = t.told || m.owed === incidentId;
    t.told = false;
    if (isOwed) m.owed = null;
    if (isOwed && conditions.tellRecovery && !isQuiet) tell('recovered');
    return result(null);
  }

  if (m.owed !== null) {
    // It was told as flapping, and failed on when that was over. A new failure after a quiet hour is news.
    if (!hasChanged && !t.told) {
      t.told = true;
      t.toldAt = now;
    }
    m.owed = null;
  }
  if (!t.told) {
    if (isQuiet) return result(now + quietLookMs);
    const from = m.toldAt === null ? now : m.toldAt + conditions.cooldownMinutes * minuteMs;
    if (from > now) return result(from);
    tell('opened');
    t.told = true;
    t.toldAt = now;
    m.toldAt = now;
  }
  if (conditions.remindEveryMinutes === null) return result(null);
  const every = conditions.remindEveryMinutes * minuteMs;
  if ((t.toldAt ?? now) + every > now) return result((t.toldAt ?? now) + every);
  if (isQuiet) return result(now + quietLookMs);
  tell('reminder');
  t.toldAt = now;
  return result(now + every);
}
