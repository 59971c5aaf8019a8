import { describe, expect, it } from 'vitest';
import type { CheckErrorKind, CheckOutcome } from '../monitor/monitor.ts';
import { type AlertConditions, alertConditions } from '../notification/rule.ts';
import { advance } from './advance.ts';
import { decide } from './decide.ts';
import { matchesTarget } from './rule-matching.ts';
import { freshState, type NotificationState, type Observation, type SubjectState } from './state.ts';
import { sweepVerdict } from './sweep-verdict.ts';

const minute = 60_000;
const begin = Date.parse('2026-11-21T09:00:00Z');

type Seen = 'ok' | 'degraded' | 'fail' | 'error' | 'partial' | 'flagged' | 'manual fail' | 'flagged partial';
const observation = (seen: Seen, at: number): Observation => {
  const outcome = seen.split(' ').at(-1) ?? seen;
  const level = outcome === 'ok' ? 'ok' : outcome === 'degraded' || seen === 'partial' ? 'warn' : 'bad';
  return {
    at,
    level,
    outcome,
    ...(seen.includes('flagged') && { flagged: true }),
    ...(seen.includes('manual') && { manual: true }),
  };
};

/** A subject with one rule, as the services carry it: told at each observation, and when something is due. */
function subjectWith(given: Partial<AlertConditions> = {}) {
  const rule = { id: 'rule', conditions: alertConditions.parse(given) };
  let state: SubjectState = freshState;
  const notifications = new Map<string, { notification: NotificationState; dueAt: number | null }>();
  const told: string[] = [];
  let quiet = false;
  let made = 0;
  const look = (incidentId: string, now: number) => {
    const before = notifications.get(incidentId)?.notification ?? null;
    const decided = decide({ rule, incidentId, subject: state, notification: before, now, isSuppressed: quiet });
    state = { ...state, rules: { ...state.rules, [rule.id]: decided.memory } };
    notifications.set(incidentId, { notification: decided.notification, dueAt: decided.dueAt });
    for (const { kind, ordinal } of decided.notices)
      told.push(`${Math.round((now - begin) / minute)} ${kind} ${ordinal} ${incidentId}`);
  };
  const sweep = (until: number) => {
    for (;;) {
      const due = [...notifications]
        .filter(([, { dueAt }]) => dueAt !== null && dueAt <= until)
        .sort((one, other) => (one[1].dueAt ?? 0) - (other[1].dueAt ?? 0))[0];
      if (!due) return;
      look(due[0], due[1].dueAt ?? until);
    }
  };
  return {
    told,
    state: () => state,
    /** @param minutes since the beginning. */
    see(minutes: number, seen: Seen) {
      const at = begin + minutes * minute;
      sweep(at);
      const taken = advance(state, observation(seen, at), `i${made + 1}`);
      if (taken.step === 'opened') made += 1;
      state = taken.state;
      if (taken.incidentId !== null) look(taken.incidentId, at);
      return taken.step;
    },
    sweep: (minutes: number) => sweep(begin + minutes * minute),
    quiet(on: boolean) {
      quiet = on;
    },
  };
}
/** One observation a minute from minute 0. */
const toldOf = (given: Partial<AlertConditions>, seen: Seen[]) => {
  const subject = subjectWith(given);
  for (const [index, each] of seen.entries()) subject.see(index, each);
  return subject.told;
};

describe('the machine of a subject', () => {
  it('opens at the first failure, goes on whatever the level, and closes when all is well', () => {
    const subject = subjectWith();
    expect(
      (['ok', 'degraded', 'fail', 'degraded', 'ok', 'ok'] as const).map((seen, at) => subject.see(at, seen)),
    ).toEqual(['none', 'opened', 'continued', 'continued', 'closed', 'none']);
  });

  it('does not hear what comes twice or late', () => {
    const subject = subjectWith();
    expect(subject.see(5, 'fail')).toBe('opened');
    const before = subject.state();
    expect(subject.see(5, 'fail')).toBe('late');
    expect(subject.see(4, 'ok')).toBe('late');
    expect(subject.state()).toEqual(before);
  });

  it('keeps a hundred failures at most, and none of a day before', () => {
    const subject = subjectWith();
    for (let at = 0; at < 300; at++) subject.see(at, 'fail');
    expect(subject.state().failures).toHaveLength(100);
    expect(subject.state().open?.failures).toBe(300);
    subject.see(300, 'ok');
    subject.see(3000, 'fail');
    expect(subject.state().failures).toHaveLength(1);
  });
});

describe('what a rule cares for', () => {
  it.each<[string, Partial<AlertConditions>, Seen, boolean]>([
    ['a failed check', {}, 'fail', true],
    ['a check without result', {}, 'error', true],
    ['a degraded check', {}, 'degraded', false],
    ['a degraded check when asked', { onDegraded: true }, 'degraded', true],
    ['a partial run', {}, 'partial', true],
    ['a partial run, switched off', { onPartial: false }, 'partial', false],
    ['a flagged run', {}, 'flagged', true],
    ['a flagged run, switched off', { onFlagged: false }, 'flagged', false],
    ['a flagged partial run with partial switched off', { onPartial: false }, 'flagged partial', true],
    ['a flagged partial run with flagged switched off', { onFlagged: false }, 'flagged partial', true],
    ['a flagged partial run with both switched off', { onFlagged: false, onPartial: false }, 'flagged partial', false],
    ['a run that somebody asked for', {}, 'manual fail', false],
    ['a run that somebody asked for, included', { includeManualRuns: true }, 'manual fail', true],
  ])('%s', (_, given, seen, isTold) => {
    expect(toldOf(given, [seen])).toEqual(isTold ? ['0 opened 1 i1'] : []);
  });

  it.each<[Parameters<typeof matchesTarget>[0], Parameters<typeof matchesTarget>[1]['subjectKind'], boolean]>([
    [{ targetKind: 'all_monitors', targetId: null }, 'monitor', true],
    [{ targetKind: 'all_monitors', targetId: null }, 'server', true],
    [{ targetKind: 'all_monitors', targetId: null }, 'workflow', false],
    [{ targetKind: 'monitor', targetId: 'm' }, 'monitor', true],
    [{ targetKind: 'monitor', targetId: 'other' }, 'monitor', false],
    [{ targetKind: 'monitor', targetId: 'n' }, 'server', true],
    [{ targetKind: 'monitor', targetId: 'other' }, 'server', false],
    [{ targetKind: 'all_workflows', targetId: null }, 'workflow', true],
    [{ targetKind: 'all_workflows', targetId: null }, 'monitor', false],
    [{ targetKind: 'workflow', targetId: 'w' }, 'workflow', true],
    [{ targetKind: 'workflow', targetId: 'm' }, 'workflow', false],
    [{ targetKind: 'tool_changes', targetId: null }, 'tool_change', true],
    [{ targetKind: 'tool_changes', targetId: 's' }, 'tool_change', true],
    [{ targetKind: 'tool_changes', targetId: 'other' }, 'tool_change', false],
    [{ targetKind: 'tool_changes', targetId: null }, 'server', false],
    [{ targetKind: 'installation', targetId: null }, 'installation', true],
    [{ targetKind: 'installation', targetId: null }, 'monitor', false],
  ])('%o is about a %s: %s', (rule, subjectKind, expected) => {
    const target = { subjectKind, serverId: 's', monitorId: 'm', workflowId: 'w', monitorIds: new Set(['m', 'n']) };
    expect(matchesTarget(rule, target)).toBe(expected);
  });
});

describe('when a rule tells', () => {
  const thrice = { threshold: { kind: 'consecutive', failures: 3 } } as const;

  it('tells once, and of the recovery', () => {
    expect(toldOf({}, ['fail', 'fail', 'ok', 'ok'])).toEqual(['0 opened 1 i1', '2 recovered 1 i1']);
    expect(toldOf({ tellRecovery: false }, ['fail', 'fail', 'ok', 'ok'])).toEqual(['0 opened 1 i1']);
  });

  it('waits for so many failures in a row', () => {
    expect(toldOf(thrice, ['fail', 'error', 'ok', 'fail', 'fail', 'fail', 'fail', 'ok'])).toEqual([
      '5 opened 1 i2',
      '7 recovered 1 i2',
    ]);
    // What it doesn't care for breaks the row.
    expect(toldOf(thrice, ['fail', 'fail', 'degraded', 'fail', 'fail', 'fail'])).toEqual(['5 opened 1 i1']);
    expect(toldOf({ ...thrice, onDegraded: true }, ['fail', 'fail', 'degraded'])).toEqual(['2 opened 1 i1']);
    // A run by hand is not there for a rule that does not count it.
    expect(toldOf(thrice, ['fail', 'manual fail', 'manual fail', 'fail'])).toEqual([]);
    expect(toldOf({ ...thrice, includeManualRuns: true }, ['fail', 'manual fail', 'fail'])).toEqual(['2 opened 1 i1']);
  });

  it('waits for so many failures within a time, over incidents', () => {
    const within = { threshold: { kind: 'within', failures: 3, minutes: 5 } } as const;
    expect(toldOf(within, ['fail', 'ok', 'fail', 'ok', 'fail'])).toEqual(['4 opened 1 i3']);
    const slow = subjectWith(within);
    for (const at of [0, 3, 6, 9]) slow.see(at, 'fail');
    expect(slow.told).toEqual([]);
    slow.see(10, 'fail');
    // Once met it holds until the subject is well, though the failures come more slowly.
    slow.see(30, 'fail');
    slow.see(31, 'ok');
    expect(slow.told).toEqual(['10 opened 1 i1', '31 recovered 1 i1']);
  });

  it('takes a level that it does not care for as a recovery, and tells again when it rises', () => {
    expect(toldOf({}, ['fail', 'degraded', 'degraded', 'fail', 'ok'])).toEqual([
      '0 opened 1 i1',
      '1 recovered 1 i1',
      '3 opened 2 i1',
      '4 flapping 1 i1',
    ]);
    expect(toldOf({ onDegraded: true }, ['degraded', 'fail', 'degraded', 'ok'])).toEqual([
      '0 opened 1 i1',
      '3 recovered 1 i1',
    ]);
  });

  it('reminds after each period, until it is well', () => {
    const subject = subjectWith({ remindEveryMinutes: 30 });
    for (const at of [0, 20, 29]) subject.see(at, 'fail');
    subject.sweep(30);
    for (const at of [40, 59]) subject.see(at, 'fail');
    subject.sweep(60);
    subject.see(70, 'ok');
    subject.sweep(500);
    expect(subject.told).toEqual(['0 opened 1 i1', '30 reminder 1 i1', '60 reminder 2 i1', '70 recovered 1 i1']);
  });

  it('tells of no new incident while it cools down, and of one that is still open then', () => {
    const subject = subjectWith({ cooldownMinutes: 60 });
    subject.see(0, 'fail');
    subject.see(1, 'ok');
    subject.see(30, 'fail');
    subject.see(50, 'fail');
    expect(subject.told).toEqual(['0 opened 1 i1', '1 recovered 1 i1']);
    subject.sweep(60);
    expect(subject.told.slice(2)).toEqual(['60 opened 1 i2']);
  });

  it('tells nothing while quiet, and what is open still when that is over', () => {
    const subject = subjectWith({});
    subject.quiet(true);
    subject.see(0, 'fail');
    subject.see(1, 'ok');
    subject.see(3, 'fail');
    subject.sweep(10);
    expect(subject.told).toEqual([]);
    subject.quiet(false);
    subject.sweep(12);
    expect(subject.told).toEqual(['11 opened 1 i2']);
    subject.quiet(true);
    subject.see(90, 'ok');
    subject.quiet(false);
    subject.sweep(400);
    expect(subject.told).toHaveLength(1);
  });

  it('reminds when a mute is over, not within it', () => {
    const subject = subjectWith({ remindEveryMinutes: 30 });
    subject.see(0, 'fail');
    subject.quiet(true);
    subject.sweep(45);
    subject.quiet(false);
    subject.sweep(50);
    expect(subject.told).toEqual(['0 opened 1 i1', '46 reminder 1 i1']);
  });

  describe('of a subject that flaps', () => {
    const flap = (given: Partial<AlertConditions> = {}) => {
      const subject = subjectWith(given);
      for (const [at, seen] of (['fail', 'ok', 'fail', 'ok'] as const).entries()) subject.see(at * 5, seen);
      return subject;
    };
    const start = ['0 opened 1 i1', '5 recovered 1 i1', '10 opened 1 i2', '15 flapping 1 i2'];

    it('says so once, and nothing of what opens and closes meanwhile; after a quiet hour it has recovered', () => {
      const subject = flap();
      for (const [at, seen] of (['fail', 'ok', 'fail', 'ok'] as const).entries()) subject.see(20 + at * 20, seen);
      expect(subject.told).toEqual(start);
      subject.sweep(139);
      expect(subject.told).toEqual(start);
      subject.sweep(1000);
      expect(subject.told.slice(4)).toEqual(['140 recovered 1 i2']);
    });

    it('tells nothing more of what is open when it is over, and of its recovery', () => {
      const subject = flap();
      subject.see(20, 'fail');
      for (const at of [40, 79, 81, 200]) subject.see(at, 'fail');
      expect(subject.told).toEqual(start);
      subject.see(210, 'ok');
      subject.sweep(1000);
      expect(subject.told.slice(4)).toEqual(['210 recovered 1 i3']);
    });

    it('tells of what opens after it was over as news', () => {
      const subject = flap();
      subject.sweep(75);
      subject.see(100, 'fail');
      expect(subject.told.slice(4)).toEqual(['75 recovered 1 i2', '100 opened 1 i3']);
    });

    it('counts only what it would have told', () => {
      const seen: Seen[] = ['fail', 'ok', 'fail', 'ok', 'fail', 'ok', 'fail', 'ok'];
      expect(toldOf({ threshold: { kind: 'consecutive', failures: 2 } }, seen)).toEqual([]);
    });

    it('does not take four changes in more than an hour for flapping', () => {
      const subject = subjectWith();
      for (const [at, seen] of (['fail', 'ok', 'fail', 'ok'] as const).entries()) subject.see(at * 20, seen);
      expect(subject.told.at(-1)).toBe('60 recovered 1 i2');
    });
  });
});

describe('what a batch says of its server', () => {
  const check = (outcome: CheckOutcome, errorKind: CheckErrorKind | null = null) => ({ outcome, errorKind });
  const gone = check('error', 'unreachable');
  it.each([
    ['every one of two unreachable', [gone, check('error', 'timeout')], 'down'],
    ['a single one', [gone], null],
    ['one that passes', [gone, gone, check('pass')], 'up'],
    ['one that fails: it answered', [gone, gone, check('fail')], 'up'],
    ['an unknown tool: it answered', [gone, check('error', 'rpc_error')], 'up'],
    ['one that was not reached', [gone, check('error', 'not_reached')], null],
    ['a misconfigured one beside two', [gone, gone, check('error', 'misconfigured')], 'down'],
    ['nothing', [], null],
  ] as const)('%s', (_, checks, expected) => {
    expect(sweepVerdict(checks)).toBe(expected);
  });
});
