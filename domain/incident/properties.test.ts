import { describe, expect, it } from 'vitest';
import { type AlertConditions, alertConditions } from '../notification/rule.ts';
import { advance, resetState } from './advance.ts';
import { decide } from './decide.ts';
import { type CloseReason, type EndReason, endReasons } from './incident.ts';
import { freshState, type NotificationState, type Observation, type SubjectState } from './state.ts';

/** Mulberry32: the same numbers for the same seed. */
function random(seed: number) {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const outcomes = [
  { level: 'ok', outcome: 'pass' },
  { level: 'ok', outcome: 'pass' },
  { level: 'warn', outcome: 'degraded' },
  { level: 'warn', outcome: 'partial' },
  { level: 'bad', outcome: 'fail' },
  { level: 'bad', outcome: 'error' },
  { level: 'bad', outcome: 'flagged', flagged: true },
  { level: 'bad', outcome: 'fail', manual: true },
] as const;

type Event = Observation | { sweepAt: number } | { quiet: boolean } | { end: EndReason };

function world(seed: number): { rules: { id: string; conditions: AlertConditions }[]; events: Event[] } {
  const next = random(seed);
  const pick = <T>(all: readonly T[]): T => {
    const [picked = fail()] = [all[Math.floor(next() * all.length)]];
    return picked;
  };
  const rules = ['a', 'b', 'c'].map((id) => ({
    id,
    conditions: alertConditions.parse({
      onDegraded: next() < 0.5,
      onPartial: next() < 0.5,
      onFlagged: next() < 0.5,
      includeManualRuns: next() < 0.5,
      threshold: pick([
        { kind: 'consecutive', failures: 1 },
        { kind: 'consecutive', failures: 1 + Math.floor(next() * 4) },
        { kind: 'within', failures: 1 + Math.floor(next() * 4), minutes: 1 + Math.floor(next() * 90) },
      ]),
      remindEveryMinutes: pick([null, 5, 30]),
      tellRecovery: next() < 0.8,
      cooldownMinutes: pick([0, 0, 20, 120]),
    }),
  }));
  const events: Event[] = [];
  let at = 1_000_000_000_000;
  for (let index = 0; index < 60; index++) {
    at += Math.floor(next() * pick([2, 10, 100]) * 60_000);
    const kind = next();
    if (kind < 0.1) events.push({ quiet: next() < 0.3 });
    else if (kind < 0.13) events.push({ end: pick(endReasons) });
    else if (kind < 0.25) events.push({ sweepAt: at });
    // Some come late.
    else events.push({ ...pick(outcomes), at: kind < 0.35 ? at - Math.floor(next() * 3_600_000) : at });
  }
  return { rules, events };
}

type Told = {
  rule: string;
  incidentId: string;
  kind: string;
  ordinal: number;
  sequence: number;
  at: number;
  isOpen: boolean;
};

function play(seed: number, { twice = false } = {}) {
  const { rules, events } = world(seed);
  let state: SubjectState = freshState;
  let quiet = false;
  let clock = 0;
  const opened: string[] = [];
  const closed: string[] = [];
  const told: Told[] = [];
  const closeReasons = new Map<string, CloseReason>();
  const notifications = new Map<string, { notification: NotificationState; dueAt: number | null }>();
  const look = (rule: (typeof rules)[number], incidentId: string, now: number) => {
    const key = `${rule.id} ${incidentId}`;
    const notification = notifications.get(key)?.notification ?? null;
    const closeReason = state.open?.incidentId === incidentId ? null : (closeReasons.get(incidentId) ?? fail());
    const decided = decide({ rule, incidentId, closeReason, subject: state, notification, now, isSuppressed: quiet });
    state = { ...state, rules: { ...state.rules, [rule.id]: decided.memory } };
    notifications.set(key, decided);
    for (const notice of decided.notices)
      told.push({ rule: rule.id, incidentId, ...notice, at: now, isOpen: state.open?.incidentId === incidentId });
  };
  const sweep = (until: number) => {
    for (let round = 0; round < 10_000; round++) {
      const due = [...notifications].find(([, { dueAt }]) => dueAt !== null && dueAt <= until);
      if (!due) return;
      const [ruleId, incidentId = ''] = due[0].split(' ');
      const rule = rules.find(({ id }) => id === ruleId) ?? fail();
      look(rule, incidentId, until);
    }
    throw new Error('what is due never ends');
  };
  const take = (event: Event) => {
    if ('quiet' in event) quiet = event.quiet;
    else if ('sweepAt' in event) {
      clock = Math.max(clock, event.sweepAt);
      sweep(clock);
    } else if ('end' in event) {
      const incidentId = state.open?.incidentId;
      if (incidentId === undefined) return;
      clock = Math.max(clock, state.seenAt ?? 0);
      closed.push(incidentId);
      closeReasons.set(incidentId, event.end);
      state = resetState(state, clock);
      for (const rule of rules) look(rule, incidentId, clock);
    } else {
      clock = Math.max(clock, event.at);
      const taken = advance(state, event, `i${opened.length + 1}`, clock);
      state = taken.state;
      if (taken.step === 'opened') opened.push(taken.incidentId ?? fail());
      if (taken.step === 'closed') {
        closed.push(taken.incidentId ?? fail());
        closeReasons.set(taken.incidentId ?? fail(), 'recovered');
      }
      if (taken.incidentId !== null) for (const rule of rules) look(rule, taken.incidentId, clock);
    }
    // Nothing opens while another is open.
    expect(opened.length - closed.length).toBe(state.open ? 1 : 0);
  };
  for (const [index, event] of events.entries()) {
    take(event);
    // All that came so far comes again.
    if (twice) {
      const before = structuredClone(state);
      for (const again of events.slice(0, index + 1)) if ('at' in again) take(again);
      expect(state).toEqual(before);
    }
  }
  // Then it is well, and nothing is muted any more.
  quiet = false;
  take({ level: 'ok', outcome: 'pass', at: Math.max(clock, state.seenAt ?? 0) + 1 });
  sweep(clock + 3 * 3_600_000);
  sweep(clock + 6 * 3_600_000);
  return { rules, opened, closed, told, notifications };
}

const fail = (): never => {
  throw new Error('the generator is broken');
};

describe('any sequence of outcomes', { timeout: 60_000 }, () => {
  const seeds = Array.from({ length: 400 }, (_, seed) => seed + 1);

  it('opens and closes incidents in turn, each once', () => {
    for (const seed of seeds) {
      const { opened, closed } = play(seed);
      expect(closed, `seed ${seed}`).toEqual(opened);
    }
  });

  it('gives no notice twice', () => {
    for (const seed of seeds) {
      const keys = play(seed).told.map(
        ({ rule, incidentId, kind, ordinal }) => `${rule} ${incidentId} ${kind} ${ordinal}`,
      );
      expect(new Set(keys).size, `seed ${seed}`).toBe(keys.length);
    }
  });

  it('closes every incident that was told, once and after it was told, and tells nothing of it after that', () => {
    const counts = { recovered: 0, closed: 0, flapping: 0 };
    for (const seed of seeds) {
      const { rules, told, opened } = play(seed);
      for (const { id, conditions } of rules)
        for (const incidentId of opened) {
          let isTold = false;
          for (const { kind } of told.filter((each) => each.rule === id && each.incidentId === incidentId)) {
            const where = `seed ${seed}, rule ${id}, incident ${incidentId}: ${kind}`;
            if (kind === 'recovered' || kind === 'closed') {
              counts[kind] += 1;
              expect(isTold && conditions.tellRecovery, where).toBe(true);
              isTold = false;
              continue;
            }
            if (kind === 'flapping') counts.flapping += 1;
            if (kind === 'reminder') expect(isTold, where).toBe(true);
            // Without recoveries, a rule tells again of an incident that it no longer cared for meanwhile.
            if (kind === 'opened') expect(isTold && conditions.tellRecovery, where).toBe(false);
            isTold = true;
          }
          if (conditions.tellRecovery) expect(isTold, `seed ${seed}, rule ${id}, incident ${incidentId}`).toBe(false);
        }
    }
    for (const count of Object.values(counts)) expect(count).toBeGreaterThan(50);
  });

  it('counts the notices of a rule and incident without a gap', () => {
    for (const seed of seeds) {
      const last = new Map<string, number>();
      for (const { rule, incidentId, sequence } of play(seed).told) {
        const key = `${rule} ${incidentId}`;
        expect(sequence, `seed ${seed}`).toBe((last.get(key) ?? 0) + 1);
        last.set(key, sequence);
      }
    }
  });

  it('leaves nothing due once all is well for long', () => {
    for (const seed of seeds) {
      const due = [...play(seed).notifications.values()].filter(({ dueAt }) => dueAt !== null);
      expect(due, `seed ${seed}`).toEqual([]);
    }
  });

  it('does not change when any beginning of it comes again', () => {
    for (const seed of seeds.slice(0, 60))
      expect(play(seed, { twice: true }).told, `seed ${seed}`).toEqual(play(seed).told);
  });
});
