import { describe, expect, it } from 'vitest';
import type { CheckErrorKind } from '../monitor/monitor.ts';
import { type AlertConditions, alertConditions } from '../notification/rule.ts';
import { advance, resetState } from './advance.ts';
import { decide } from './decide.ts';
import type { CloseReason } from './incident.ts';
import { matchesTarget } from './rule-matching.ts';
import { freshState, type NotificationState, type Observation, type SubjectState } from './state.ts';
import { mainFailure, profileVerdict, sweepVerdict } from './sweep-verdict.ts';

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
  const ended = new Map<string, CloseReason>();
  const look = (incidentId: string, now: number) => {
    const before = notifications.get(incidentId)?.notification ?? null;
    const closeReason = state.open?.incidentId === incidentId ? null : (ended.get(incidentId) ?? 'recovered');
    const decided = decide({
      rule,
      incidentId,
      closeReason,
      subject: state,
      notification: before,
      now,
      isSuppressed: quiet,
    });
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
  const seeAt = (minutes: number, seen: Seen, { now: nowMinutes }: { now: number }) => {
    const now = begin + nowMinutes * minute;
    sweep(now);
    const taken = advance(state, observation(seen, begin + minutes * minute), `i${made + 1}`, now);
    if (taken.step === 'opened') made += 1;
    state = taken.state;
    if (taken.incidentId !== null) look(taken.incidentId, now);
    return taken.step;
  };
  return {
    told,
    state: () => state,
    /** @param minutes since the beginning. */
    see: (minutes: number, seen: Seen) => seeAt(minutes, seen, { now: minutes }),
    seeAt,
    /** Its subject is paused, for one. */
    end(minutes: number, reason: CloseReason) {
      const incidentId = state.open?.incidentId;
      if (incidentId === undefined) throw new Error('nothing is open');
      ended.set(incidentId, reason);
      state = resetState(state, begin + minutes * minute);
      look(incidentId, begin + minutes * minute);
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

  it('believes no time that is ahead of the clock, and no observation is late because of one', () => {
    const subject = subjectWith();
    subject.seeAt(180, 'fail', { now: 0 });
    expect(subject.state()).toMatchObject({ seenAt: begin, open: { openedAt: begin } });
    const ahead = subjectWith();
    // The clock was three hours ahead, and is right again.
    ahead.see(180, 'fail');
    expect(ahead.see(1, 'fail')).toBe('continued');
    expect(ahead.state()).toMatchObject({ seenAt: begin + minute, open: { openedAt: begin + minute, failures: 2 } });
    expect(ahead.see(2, 'ok')).toBe('closed');
    expect(ahead.see(3, 'fail')).toBe('opened');
    expect(ahead.told.slice(-2)).toEqual(['2 recovered 1 i1', '3 opened 1 i2']);
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
    [{ targetKind: 'all_monitors', targetId: null }, 'auth_profile', true],
    [{ targetKind: 'monitor', targetId: 'n' }, 'auth_profile', true],
    [{ targetKind: 'monitor', targetId: 'other' }, 'auth_profile', false],
    [{ targetKind: 'all_workflows', targetId: null }, 'workflow', true],
    [{ targetKind: 'all_workflows', targetId: null }, 'monitor', false],
    [{ targetKind: 'workflow', targetId: 'w' }, 'workflow', true],
    [{ targetKind: 'workflow', targetId: 'm' }, 'workflow', false],
    [{ targetKind: 'tool_changes', targetId: null }, 'tool_change', true],
    [{ targetKind: 'tool_changes', targetId: 's' }, 'tool_change', true],
    [{ targetKind: 'tool_changes', targetId: 'other' }, 'tool_change', false],
    [{ targetKind: 'tool_changes', targetId: null }, 'server', false],
    [{ targetKind: 'server', targetId: 's' }, 'server', true],
    [{ targetKind: 'server', targetId: 's' }, 'monitor', true],
    [{ targetKind: 'server', targetId: 's' }, 'workflow', true],
    [{ targetKind: 'server', targetId: 's' }, 'tool_change', true],
    [{ targetKind: 'server', targetId: 's' }, 'all_servers', true],
    [{ targetKind: 'server', targetId: 'other' }, 'monitor', false],
    [{ targetKind: 'all_servers', targetId: null }, 'workflow', true],
    [{ targetKind: 'installation', targetId: null }, 'installation', true],
    [{ targetKind: 'installation', targetId: null }, 'monitor', false],
  ])('%o is about a %s: %s', (rule, subjectKind, expected) => {
    const serverIds = new Set(['s']);
    const target = { subjectKind, serverIds, monitorId: 'm', workflowId: 'w', monitorIds: new Set(['m', 'n']) };
    expect(matchesTarget(rule, target)).toBe(expected);
  });

  it('leaves the incidents of Armature itself to its own rule', () => {
    const target = {
      subjectKind: 'installation' as const,
      serverIds: new Set<string>(),
      monitorId: null,
      workflowId: null,
    };
    expect(matchesTarget({ targetKind: 'all_servers', targetId: null }, target)).toBe(false);
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
    expect(subject.told.slice(1)).toEqual(['91 recovered 1 i2']);
  });

  it('tells of a recovery within a mute when that is over, also while the subject fails again', () => {
    const subject = subjectWith({});
    subject.see(0, 'fail');
    subject.quiet(true);
    subject.see(5, 'ok');
    subject.see(30, 'fail');
    subject.sweep(59);
    subject.quiet(false);
    subject.sweep(61);
    subject.see(62, 'ok');
    subject.sweep(1000);
    expect(subject.told).toEqual(['0 opened 1 i1', '60 recovered 1 i1', '60 opened 1 i2', '62 recovered 1 i2']);
  });

  it.each(['accepted', 'paused', 'deleted', 'changed'] as const)('closes what was told and is %s', (reason) => {
    const subject = subjectWith({});
    subject.see(0, 'fail');
    subject.end(3, reason);
    subject.sweep(1000);
    subject.see(2000, 'fail');
    expect(subject.told).toEqual(['0 opened 1 i1', '3 closed 1 i1', '2000 opened 1 i2']);
    const untold = subjectWith({ threshold: { kind: 'consecutive', failures: 2 } });
    untold.see(0, 'fail');
    untold.end(3, reason);
    expect(untold.told).toEqual([]);
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

    it('tells again of what still fails when it is over, and of its recovery', () => {
      const subject = flap();
      subject.see(20, 'fail');
      for (const at of [40, 79]) subject.see(at, 'fail');
      expect(subject.told).toEqual(start);
      for (const at of [81, 200]) subject.see(at, 'fail');
      expect(subject.told.slice(4)).toEqual(['80 recovered 1 i2', '80 opened 1 i3']);
      subject.see(210, 'ok');
      subject.sweep(1000);
      expect(subject.told.slice(6)).toEqual(['210 recovered 1 i3']);
    });

    it('reminds of the incident in which it began, if that is still open', () => {
      const subject = subjectWith();
      for (const [at, seen] of (['fail', 'degraded', 'fail', 'degraded', 'fail'] as const).entries())
        subject.see(at * 5, seen);
      for (const at of [40, 79, 81]) subject.see(at, 'fail');
      subject.see(200, 'ok');
      expect(subject.told.slice(-3)).toEqual(['15 flapping 1 i1', '80 reminder 1 i1', '200 recovered 2 i1']);
    });

    it('tells of a hard outage after two short ones within the hour', () => {
      const subject = subjectWith();
      const seen: Seen[] = ['fail', 'fail', 'ok', 'ok', 'fail', 'fail', 'ok', 'ok', 'ok', 'ok'];
      for (const [at, each] of seen.entries()) subject.see(at, each);
      for (let at = 10; at < 370; at++) subject.see(at, 'fail');
      expect(subject.told).toEqual([
        '0 opened 1 i1',
        '2 recovered 1 i1',
        '4 opened 1 i2',
        '6 flapping 1 i2',
        '70 recovered 1 i2',
        '70 opened 1 i3',
      ]);
    });

    it('tells of it after a mute that outlasts it', () => {
      const subject = flap();
      subject.see(20, 'fail');
      subject.quiet(true);
      subject.sweep(100);
      expect(subject.told).toEqual(start);
      subject.quiet(false);
      subject.sweep(102);
      expect(subject.told.slice(4).sort()).toEqual(['101 opened 1 i3', '101 recovered 1 i2']);
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
  const check = (errorKind: CheckErrorKind | null, serverFailure: string | null = null) => ({
    errorKind,
    serverFailure,
  });
  const [passed, failed] = [check(null), check(null)];
  const gone = check('unreachable', 'connection refused');
  const down = check('http_status', 'HTTP 503 Service Unavailable');
  const unsent = [check('not_reached'), check('misconfigured')] as const;
  it.each([
    ['two without a connection', [gone, check('timeout', 'timed out')], 'down'],
    ['two gateways', [down, down], 'down'],
    ['a single one', [gone], null],
    ['one that passes', [gone, gone, passed], 'up'],
    ['one that fails: it answered', [gone, gone, failed], 'up'],
    ['an unknown tool: it answered', [gone, check('rpc_error')], 'up'],
    ...(['auth', 'http_status', 'protocol', 'malformed', 'too_large', 'input_required'] as const).map(
      (kind) => [`only ${kind}: it answered`, [check(kind), check(kind)], 'up'] as const,
    ),
    ['one that was not reached', [gone, unsent[0]], null],
    ['a misconfigured one beside two', [gone, gone, unsent[1]], 'down'],
    ['only what was never sent', [...unsent, ...unsent], null],
    ['nothing', [], null],
  ] as const)('%s', (_, checks, expected) => {
    expect(sweepVerdict(checks)).toBe(expected);
  });

  it('names the most frequent failure, the first of equals', () => {
    expect(mainFailure([gone, down, down, passed])).toBe('HTTP 503 Service Unavailable');
    expect(mainFailure([gone, down])).toBe('connection refused');
    expect(mainFailure([passed])).toBeNull();
  });
});

describe('what the checks of a batch say of their auth profile', () => {
  const check = (refusal: string | null, errorKind: CheckErrorKind | null, serverFailure: string | null = null) => ({
    refusal,
    errorKind,
    serverFailure,
  });
  const refused = check('HTTP 401 Unauthorized', 'auth');
  const passed = check(null, null);
  const refusal = { refusal: 'HTTP 401 Unauthorized' };
  it.each([
    ['the same refusal', [refused, refused], refusal],
    ['a refusal as an MCP error', [refused, check('HTTP 401 Unauthorized', 'rpc_error')], refusal],
    ['one that was not sent beside two', [refused, refused, check(null, 'misconfigured')], refusal],
    ['a single one', [refused], null],
    ['different ones', [refused, check('HTTP 403 Forbidden', 'auth')], null],
    ['a failure that says nothing about it', [refused, refused, check(null, 'http_status')], null],
    ['a server that does not answer', [refused, refused, check(null, 'timeout', 'timed out')], null],
    ['OAuth that is required, without a status', [check(null, 'auth'), check(null, 'auth')], null],
    ['one that passes', [refused, refused, passed], 'accepted'],
    ['an MCP error', [refused, check(null, 'rpc_error')], 'accepted'],
    ['nothing', [], null],
  ] as const)('%s', (_, checks, expected) => {
    expect(profileVerdict(checks)).toEqual(expected);
  });
});
