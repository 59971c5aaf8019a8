import { describe, expect, it } from 'vitest';
import { type AlertConditions, alertConditions } from '../../../../domain/notification/rule.ts';
import { fromForm, fromRule, toConditions, toRuleInput } from './fields.ts';
import { ruleSentence, span } from './labels.ts';

const conditions = (over: Partial<AlertConditions> = {}): AlertConditions => ({
  ...alertConditions.parse({}),
  ...over,
});
const to = 'ada@example.com';

describe('a rule in words', () => {
  it.each([
    [
      { target: { kind: 'monitor', name: 'Search' }, conditions: conditions(), to },
      'Notifies ada@example.com when a check of monitor “Search” fails or has an error: once, and a note when it has recovered.',
    ],
    [
      {
        target: { kind: 'all_monitors' },
        conditions: conditions({
          onDegraded: true,
          threshold: { kind: 'within', failures: 3, minutes: 15 },
          remindEveryMinutes: 60,
          tellRecovery: false,
        }),
        to,
      },
      'Notifies ada@example.com when a check of any monitor fails, has an error or is degraded, 3 times within 15 minutes: once, then a reminder every hour while it lasts.',
    ],
    [
      {
        target: { kind: 'workflow', name: 'Order' },
        conditions: conditions({ threshold: { kind: 'consecutive', failures: 2 }, cooldownMinutes: 90 }),
        to: null,
      },
      'Notifies nobody yet when a scheduled run of workflow “Order” fails, is partial, ends in an error or calls a blocked tool, 2 times in a row: once, and a note when it has recovered. After that it keeps quiet about new failures of the same for 90 minutes.',
    ],
    [
      {
        target: { kind: 'all_workflows' },
        conditions: conditions({ onPartial: false, onFlagged: false, includeManualRuns: true }),
        to,
      },
      'Notifies ada@example.com when a run of any workflow fails or ends in an error: once, and a note when it has recovered.',
    ],
    [
      { target: { kind: 'tool_changes', name: null }, conditions: conditions({ tellRecovery: false }), to },
      'Notifies ada@example.com when a tool of any server changes so that callers may break: once.',
    ],
    [
      { target: { kind: 'installation' }, conditions: conditions({ tellRecovery: false }), to },
      'Notifies ada@example.com when no worker takes work, schedules are late, or a model provider refuses its key: once.',
    ],
  ])('%#', (rule, sentence) => {
    expect(ruleSentence(rule)).toBe(sentence);
  });

  it.each([
    [1, '1 minute'],
    [90, '90 minutes'],
    [60, '1 hour'],
    [1440, '1 day'],
    [10_080, '7 days'],
  ])('%i minutes are %s', (minutes, words) => {
    expect(span(minutes)).toBe(words);
  });
});

describe('the form of a rule', () => {
  it('gives back the rule that it was filled from', () => {
    const rule = {
      name: 'Search is down',
      target: { kind: 'monitor' as const, id: '01a1fe46-61d6-74e4-bef9-0433049ecc96' },
      destination: { kind: 'slack' as const, installationId: '01a1fe46-61d6-74e4-bef9-0433049ecc97', channel: '#ops' },
      conditions: conditions({
        onDegraded: true,
        onPartial: false,
        threshold: { kind: 'within', failures: 4, minutes: 30 },
        remindEveryMinutes: 240,
        cooldownMinutes: 60,
      }),
    };
    expect(toRuleInput(fromRule(rule))).toEqual(rule);
  });

  it('takes a form without ticks for one in which nothing is ticked', () => {
    const form = new FormData();
    form.set('consecutive', '2');
    form.set('cooldown', '0');
    expect(toConditions(fromForm(form))).toEqual(
      conditions({
        onPartial: false,
        onFlagged: false,
        tellRecovery: false,
        threshold: { kind: 'consecutive', failures: 2 },
      }),
    );
  });
});
