import { render } from '@react-email/render';
import type { AlertMessage } from '../../../domain/notification/message.ts';
import { toDashboardUrl } from '../dashboard-url.ts';
import { type Block, oneLine, toPlainText } from './blocks.ts';
import { EmailDocument } from './document.ts';

/** `html` is a whole document without scripts or remote images. */
export type RenderedEmail = { to: string; subject: string; text: string; html: string };

const maxSubjectLength = 180;

/** Renders an alert as an e-mail. @param of.url the dashboard's address, without a trailing slash */
export async function renderEmail(message: AlertMessage, { url }: { url: string }): Promise<Omit<RenderedEmail, 'to'>> {
  // One line, so that a name can't start another header.
  const subject = oneLine(`[Armature] ${message.ruleName}: ${message.title}`, maxSubjectLength);
  const blocks = toBlocks(message, url);
  return { subject, text: toPlainText(blocks), html: await render(EmailDocument({ title: subject, blocks })) };
}

function toBlocks(message: AlertMessage, url: string): Block[] {
  const { organization, ruleName, subject, serverName, since, endedAt, failureCount, lines } = message;
  const [first, ...others] = message.links.map(({ text, path }) => ({ text, href: toDashboardUrl(url, path) }));
  const facts = [
    { name: subjectLabels[subject.kind], value: subject.name },
    ...(serverName !== null && subject.kind !== 'server' ? [{ name: 'Server', value: serverName }] : []),
    { name: message.kind === 'test' ? 'Sent' : 'Since', value: formatTime(since) },
    ...(endedAt === null ? [] : [{ name: 'Until', value: formatTime(endedAt) }]),
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
      text: `You receive this because of the alert rule "${ruleName}" in the Armature workspace ${organization.name}. Mute or edit the rule on its page.`,
    },
  ];
}

const introductions: { [kind in AlertMessage['kind']]: string } = {
  opened: 'Something you monitor is failing.',
  reminder: 'This is still failing.',
  flapping: 'This keeps failing and recovering. You receive the next message when it has been stable for an hour.',
  recovered: 'This has recovered.',
  closed: 'This alert is closed: you receive nothing more about it.',
  test: 'This is a test of an alert rule. Nothing is broken.',
};

const subjectLabels: { [kind in AlertMessage['subject']['kind']]: string } = {
  monitor: 'Monitor',
  workflow: 'Workflow',
  server: 'Server',
  auth_profile: 'Auth profile',
  all_servers: 'Servers',
  tool_change: 'Tool',
  report: 'Report',
  budget: 'Budget',
  installation: 'Armature',
};

/** In UTC: an e-mail doesn't know its reader's time zone. */
const formatTime = (iso: string): string => `${iso.slice(0, 10)} ${iso.slice(11, 16)} UTC`;
