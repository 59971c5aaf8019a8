import { describe, expect, it } from 'vitest';
import { type AlertMessage, alertMessage } from '../../../domain/notification/message.ts';
import { newId } from '../../context/ids.ts';
import { parseButton } from './button.ts';
import { mrkdwn } from './mrkdwn.ts';
import { toSlackBlocks } from './render.ts';

const ids = { orgId: newId(), ruleId: newId() };
const workflowId = newId();
const base: AlertMessage = alertMessage.parse({
  kind: 'opened',
  organization: { name: 'Acme', slug: 'acme' },
  ruleName: 'Tell the team',
  level: 'bad',
  subject: { kind: 'workflow', name: 'Order a mug', path: `/o/acme/workflows/${workflowId}` },
  serverName: 'Shop',
  title: 'Order a mug failed',
  lines: ['calls `create_order` once: it was called twice'],
  since: '2026-11-21T09:00:00.000Z',
  endedAt: null,
  failureCount: 2,
  incidentId: newId(),
  links: [
    { text: 'Open the run', path: '/o/acme/runs/1' },
    { text: 'Incident', path: '/o/acme/incidents/2' },
  ],
  workflowId,
  monitorId: null,
  runId: newId(),
});
const render = (message: Partial<AlertMessage> = {}) =>
  toSlackBlocks({ ...base, ...message }, { url: 'https://armature.example', ...ids });

/** Every text of a message, wherever it stands. */
function textsOf(value: unknown): { type: string; text: string; verbatim?: boolean }[] {
  if (Array.isArray(value)) return value.flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  const own =
    'type' in value && (value.type === 'mrkdwn' || value.type === 'plain_text') && 'text' in value
      ? [value as { type: string; text: string }] // The two text objects of Block Kit have this shape.
      : [];
  return [...own, ...Object.values(value).flatMap(textsOf)];
}

const actionsOf = (rendered: ReturnType<typeof render>) =>
  rendered.blocks.flatMap((block) =>
    block.type === 'actions' ? block.elements.flatMap((element) => (element.type === 'button' ? [element] : [])) : [],
  );

describe('an alert in Slack', () => {
  it('says what broke, where, since when and why, and where to read more', () => {
    const { text, blocks } = render();
    const all = JSON.stringify(blocks);
    expect(text).toBe('🔴 Order a mug failed');
    for (const piece of [
      '🔴 Order a mug failed',
      `<https://armature.example/o/acme/workflows/${workflowId}|Order a mug>`,
      'Shop',
      '<!date^1795251600^',
      'it was called twice',
      '<https://armature.example/o/acme/incidents/2|Incident>',
      'Acme',
      'Tell the team',
    ])
      expect(all).toContain(piece);
  });

  it('has buttons to open, re-run and mute, whose values are ids alone', () => {
    const buttons = actionsOf(render());
    expect(buttons.map(({ text, url }) => [text.text, url])).toEqual([
      ['Open', 'https://armature.example/o/acme/runs/1'],
      ['Re-run', undefined],
      ['Mute 1 h', undefined],
    ]);
    expect(parseButton(buttons[1]?.value)).toEqual({
      ...ids,
      incidentId: base.incidentId,
      workflowId,
      monitorId: null,
      runId: base.runId,
    });
  });

  it.each<[string, Partial<AlertMessage>, string[]]>([
    ['a monitor', { workflowId: null, monitorId: newId() }, ['Open', 'Check now', 'Mute 1 h']],
    ['what nothing can run again', { workflowId: null }, ['Open', 'Mute 1 h']],
    ['a recovery', { kind: 'recovered', endedAt: '2026-11-21T10:00:00.000Z' }, ['Open']],
    ['a test', { kind: 'test' }, ['Open']],
  ])('offers for %s what it allows', (_, message, expected) => {
    expect(actionsOf(render(message)).map(({ text }) => text.text)).toEqual(expected);
  });

  const hostile =
    '<!channel> <@U123> <https://evil.example|click> & ``` *bold* @here #general https://evil.example :tada:';

  it('makes neither links nor mentions of what targets and models wrote', () => {
    const rendered = render({
      title: hostile,
      lines: [hostile, hostile],
      serverName: hostile,
      ruleName: hostile,
      subject: { ...base.subject, name: hostile },
      links: [
        { text: hostile, path: '/o/acme/runs/1|<!here>' },
        { text: hostile, path: '/o/acme/runs/1|<!here>' },
      ],
    });
    const texts = textsOf(rendered.blocks);
    expect(texts.length).toBeGreaterThan(8);
    for (const { type, text, verbatim } of [...texts, { type: 'mrkdwn', text: rendered.text, verbatim: true }]) {
      const links = [...text.matchAll(/<([^>]*)>/g)].map(([, inside]) => inside ?? '');
      for (const inside of links) expect(inside).toMatch(/^(https:\/\/armature\.example\/|!date\^)/);
      expect(text.replace(/<[^>]*>/g, '')).not.toMatch(/[<>]/);
      expect(text.replace(/&(amp|lt|gt);/g, '')).not.toContain('&');
      // Else Slack would link addresses and names of channels by itself.
      if (type === 'mrkdwn') expect(verbatim).toBe(true);
    }
  });

  it('lets no line end the block of code that it stands in', () => {
    const section = render({ lines: ['a ``` <b> ` c'] }).blocks.find(
      (block) => block.type === 'section' && block.text !== undefined,
    );
    const text = section?.type === 'section' ? (section.text?.text ?? '') : '';
    expect(text.match(/`/g)).toHaveLength(6);
    expect(text.startsWith('```')).toBe(true);
    expect(text.endsWith('```')).toBe(true);
  });

  it('keeps to the limits of Block Kit, however long the texts are', () => {
    const long = '<&é🙂'.repeat(2000);
    const rendered = render({
      title: long,
      lines: Array.from({ length: 12 }, () => long),
      serverName: long,
      ruleName: long,
      subject: { ...base.subject, name: long },
      links: Array.from({ length: 20 }, () => ({ text: long, path: '/o/acme' })),
    });
    expect(rendered.blocks.length).toBeLessThanOrEqual(50);
    for (const block of rendered.blocks) {
      if (block.type === 'header') expect(block.text.text.length).toBeLessThanOrEqual(150);
      if (block.type === 'section') {
        expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(3000);
        for (const field of block.fields ?? []) expect(field.text.length).toBeLessThanOrEqual(2000);
      }
      if (block.type === 'context') expect(block.elements.length).toBeLessThanOrEqual(10);
    }
    for (const { text } of textsOf(rendered.blocks)) expect(text).not.toMatch(/&(?!(amp|lt|gt);)/);
  });
});

describe('mrkdwn', () => {
  it.each([
    ['a & b', 20, 'a &amp; b'],
    ['<<<<', 9, '&lt;&lt;…'],
    ['🙂🙂🙂', 5, '🙂🙂…'],
    ['abc', 3, 'abc'],
    ['admin\u202egnp.exe', 30, 'admin gnp.exe'],
  ])('cuts %j to %d characters between whole ones', (text, most, expected) => {
    expect(mrkdwn(text, most)).toBe(expected);
  });
});

describe('the value of a button', () => {
  it.each(['', 'null', '{"orgId":"x"}', '{', '[]', JSON.stringify({ ...ids, incidentId: '../..' })])(
    'is nothing when it is not ours: %s',
    (value) => {
      expect(parseButton(value)).toBeNull();
    },
  );
});
