import { describe, expect, it } from 'vitest';
import type { AlertMessage } from '../../../domain/notification/message.ts';
import { toDashboardUrl } from '../dashboard-url.ts';
import { toWebhookBody } from '../webhook/render.ts';
import { renderEmail } from './render.ts';

const url = 'https://armature.example.com';
const message: AlertMessage = {
  kind: 'opened',
  reason: null,
  organization: { name: 'Acme', slug: 'acme' },
  ruleName: 'Pager',
  level: 'bad',
  subject: { kind: 'monitor', name: 'Search', path: '/o/acme/monitors/1' },
  serverName: 'Shop',
  title: 'Monitor Search fails',
  lines: ['timeout after 30 s', 'second line'],
  since: '2026-11-21T10:00:00.000Z',
  endedAt: null,
  failureCount: 3,
  incidentId: null,
  links: [
    { text: 'Open the incident', path: '/o/acme/incidents/1' },
    { text: 'Open the monitor', path: '/o/acme/monitors/1' },
  ],
  workflowId: null,
  monitorId: null,
  runId: null,
};
const hostile =
  '<script>alert(1)</script><img src=x onerror=alert(1)>"\'&\u202ebcc: evil@example.com\r\nBcc: evil@example.com';

describe('an e-mail', () => {
  it('says the same as HTML and as text', async () => {
    const { subject, text, html } = await renderEmail(message, { url });
    expect(subject).toBe('[Armature] Pager: Monitor Search fails');
    for (const words of [
      'Monitor Search fails',
      'Search',
      'Shop',
      '2026-11-21 10:00 UTC',
      'timeout after 30 s',
      'second line',
      'Acme',
      'Pager',
      `${url}/o/acme/incidents/1`,
      `${url}/o/acme/monitors/1`,
    ]) {
      expect(text).toContain(words);
      expect(html).toContain(words);
    }
    expect(text).not.toMatch(/<[a-z]/);
  });

  it('loads nothing, and links to the dashboard alone', async () => {
    const { html } = await renderEmail(
      { ...message, links: [...message.links, { text: 'Elsewhere', path: '@evil.example/' }] },
      { url },
    );
    expect(html).not.toMatch(/<(img|script|link|iframe|form)\b/i);
    expect(html).not.toContain('url(');
    const hrefs = [...html.matchAll(/href="([^"]*)"/g)].map(([, href = '']) => new URL(href).origin);
    expect(hrefs.length).toBe(3);
    expect(new Set(hrefs)).toEqual(new Set([url]));
  });

  it('escapes whatever is hostile, wherever it stands', async () => {
    const { subject, text, html } = await renderEmail(
      {
        ...message,
        organization: { name: hostile, slug: 'acme' },
        ruleName: hostile,
        subject: { ...message.subject, name: hostile },
        serverName: hostile,
        title: hostile,
        lines: [hostile],
        links: [{ text: hostile, path: '/o/acme' }],
      },
      { url },
    );
    expect(html).not.toMatch(/<script|<img|onerror=alert\(1\)>"/i);
    expect(html.match(/&lt;script&gt;alert\(1\)&lt;\/script&gt;/g)?.length).toBeGreaterThanOrEqual(6);
    expect(html).not.toContain('\u202e');
    for (const line of text.split('\n')) expect(line).not.toMatch(/^Bcc:/i);
    expect(subject).not.toMatch(/[\r\n\u202e]/);
    expect(subject.length).toBeLessThanOrEqual(180);
  });

  it('keeps what targets wrote on lines of its own, marked', async () => {
    const { text } = await renderEmail(
      { ...message, lines: ['a\n\nOpen the incident: https://evil.example'] },
      { url },
    );
    expect(text).toContain('\n  | a Open the incident: https://evil.example\n');
  });

  it('bounds what is huge, and never cuts a character in two', async () => {
    const { subject, text, html } = await renderEmail(
      { ...message, title: '🚨'.repeat(50_000), lines: Array.from({ length: 12 }, () => '🚨'.repeat(50_000)) },
      { url },
    );
    expect(subject.length).toBeLessThanOrEqual(180);
    expect(subject.isWellFormed() && text.isWellFormed() && html.isWellFormed()).toBe(true);
    expect(html.length).toBeLessThan(64_000);
  });

  it('says until when it went on, once it has recovered', async () => {
    const { text } = await renderEmail({ ...message, kind: 'recovered', endedAt: '2026-11-21T11:30:00.000Z' }, { url });
    expect(text).toContain('Until: 2026-11-21 11:30 UTC');
    expect(text).toContain('This has recovered.');
  });
});

it.each([
  ['/o/acme', `${url}/o/acme`],
  ['o/acme', `${url}/o/acme`],
  ['@evil.example/', `${url}/@evil.example/`],
  ['//evil.example', `${url}//evil.example`],
  ['/a"b<c>', `${url}/a%22b%3Cc%3E`],
])('makes an address of its own of %s', (path, expected) => {
  expect(toDashboardUrl(url, path)).toBe(expected);
});

it('describes the same to a webhook, as JSON that is the same each time', () => {
  const row = { id: 'd', ruleId: 'r', sequence: 2, createdAt: new Date('2026-11-21T10:00:05.000Z') };
  const body = toWebhookBody(message, { url, row });
  expect(body).toMatchObject({
    version: 1,
    type: 'alert.opened',
    deliveryId: 'd',
    sequence: 2,
    rule: { id: 'r', name: 'Pager' },
    subject: { kind: 'monitor', name: 'Search', url: `${url}/o/acme/monitors/1` },
    server: { name: 'Shop' },
    since: '2026-11-21T10:00:00.000Z',
    endedAt: null,
    failureCount: 3,
    links: [{ text: 'Open the incident', url: `${url}/o/acme/incidents/1` }, {}],
  });
  expect(JSON.stringify(toWebhookBody(message, { url, row }))).toBe(JSON.stringify(body));
});
