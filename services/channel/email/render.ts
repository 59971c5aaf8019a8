import type { AlertMessage } from '../../../domain/notification/message.ts';

import { type Block, oneLine, toHtml, toText } from './blocks.ts';

/** `html` is a whole document without scripts or remote images. */
export type RenderedEmail = { to: string; subject: string; text: string; html: string };

const longestSubject = 180;

/**
 * An alert as an e-mail. @param of.url the dashboard's address, without a slash at its end.
 */
export function renderEmail(message: AlertMessage, { url }: { url: string }): Omit<RenderedEmail, 'to'> {
  // One line: nothing that targets or people wrote can begin another header.
  const subject = oneLine(`[Armature] ${message.ruleName}: ${message.title}`, longestSubject);
  const blocks = blocksOf(message, url);
  return { subject, text: toText(blocks), html: toHtml(blocks, { title: subject }) };
}

function blocksOf(message: AlertMessage, url: string): Block[] {
  const { organization, ruleName, subject, serverName, since, endedAt, failureCount, lines } = message;
  const [first, ...others] = message.links.map(({ text, path }) => ({ text, href: addressOf(url, path) }));
  const facts = [
    { name: subjectWords[subject.kind], value: subject.name },
    ...(serverName !== null && subject.kind !== 'server' ? [{ name: 'Server', value: serverName }] : []),
    { name: message.kind === 'test' ? 'Sent' : 'Since', value: timeOf(since) },
    ...(endedAt === null ? [] : [{ name: 'Until', value: timeOf(endedAt) }]),
    ...(failureCount > 0 ? [{ name: 'Failures', value: String(failureCount) }] : []),
  ];
  return [
    { kind: 'heading', text: message.title },
    { kind: 'text', text: introductions[message.kind] },
    { kind: 'facts', facts },
    ...(lines.length > 0 ? [{ kind: 'quote', lines } as const] : []),
    ...(first ? [{ kind: 'button', ...first } as const] : []),
    ...(others.length > 0 ? [{ kind: 'links', links: others } as const] : []),
    {
      kind: 'note',
      text: `Sent by the alert rule "${ruleName}" of ${organization.name} in Armature. Mute or change it on its page.`,
    },
  ];
}

const introductions: { [kind in AlertMessage['kind']]: string } = {
  opened: 'Something that you watch is failing.',
  reminder: 'This is still going on.',
  flapping: 'This changes back and forth. It is told once, until it is steady again.',
  recovered: 'This has recovered.',
  test: 'This is a test of an alert rule. Nothing is broken.',
};

const subjectWords: { [kind in AlertMessage['subject']['kind']]: string } = {
  monitor: 'Monitor',
  workflow: 'Workflow',
  server: 'Server',
  tool_change: 'Tool',
  installation: 'Armature',
};

/** Links lead to the dashboard and nowhere else, whatever the path says. */
export function addressOf(url: string, path: string): string {
  const { origin } = new URL(url);
  const full = `${url}${path.startsWith('/') ? '' : '/'}${path}`;
  return URL.canParse(full) && new URL(full).origin === origin ? new URL(full).href : url;
}

/** Mail has no reader's zone. */
const timeOf = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
