import type { Button, KnownBlock, MrkdwnElement } from '@slack/types';
import { isClosing } from '../../../domain/notification/delivery.ts';
import type { AlertMessage } from '../../../domain/notification/message.ts';
import { type ButtonValue, buttonActions } from './button.ts';
import { codeBlock, inline, link, moment, mrkdwn } from './mrkdwn.ts';

/** How long the mute button mutes a rule. */
export const muteMinutes = 60;

/**
 * Renders an alert for Slack, with its buttons. Escapes text of targets and models, and cuts it to Block Kit's limits.
 * @param of.url the dashboard's address, without a trailing slash. `orgId` and `ruleId` go into the buttons
 */
export function toSlackBlocks(
  message: AlertMessage,
  { url, orgId, ruleId }: { url: string; orgId: string; ruleId: string | null },
): { text: string; blocks: KnownBlock[] } {
  const [first, ...others] = message.links;
  const fields = [
    ['Subject', link(`${url}${message.subject.path}`, message.subject.name)],
    ...(message.serverName === null ? [] : [['Server', inline(message.serverName)]]),
    ['Since', moment(message.since)],
    ...(message.endedAt === null ? [] : [['Until', moment(message.endedAt)]]),
    ...(message.failureCount > 0 ? [['Failures', String(message.failureCount)]] : []),
  ];
  const blocks: KnownBlock[] = [
    {
      type: 'header',
      text: { type: 'plain_text', text: mrkdwn(`${icon(message)} ${oneLine(message.title)}`, 150), emoji: false },
    },
    { type: 'section', fields: fields.map(([name, value]) => verbatim(`*${name}*\n${value}`)) },
  ];
  if (message.lines.length > 0) blocks.push({ type: 'section', text: verbatim(codeBlock(message.lines.map(oneLine))) });
  if (others.length > 0)
    blocks.push({
      type: 'context',
      elements: others.slice(0, 10).map(({ text, path }) => verbatim(link(`${url}${path}`, text))),
    });
  blocks.push(
    { type: 'actions', elements: toButtons(message, { open: `${url}${first?.path ?? ''}`, orgId, ruleId }) },
    {
      type: 'context',
      elements: [verbatim(`${inline(message.organization.name)} · rule ${inline(message.ruleName)}`)],
    },
  );
  return { text: mrkdwn(`${icon(message)} ${oneLine(message.title)}`, 500), blocks };
}

/** `verbatim`: otherwise Slack links what looks like an address or a channel's name. */
const verbatim = (text: string): MrkdwnElement => ({ type: 'mrkdwn', text, verbatim: true });

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Characters rather than `:names:`, which untrusted text could contain too: `emoji` is off. */
function icon({ kind, level }: AlertMessage): string {
  switch (kind) {
    case 'recovered':
      return '✅';
    case 'closed':
      return '⚪';
    case 'flapping':
      return '🔁';
    case 'reminder':
      return '⏰';
    case 'test':
      return '🔔';
    case 'opened':
      return level === 'bad' ? '🔴' : '🟡';
  }
}

function toButtons(
  message: AlertMessage,
  { open, orgId, ruleId }: { open: string; orgId: string; ruleId: string | null },
): Button[] {
  const { kind, incidentId, workflowId, monitorId, runId } = message;
  const all: Button[] = [
    { type: 'button', action_id: buttonActions.open, text: label('Open'), url: open.slice(0, 3000), style: 'primary' },
  ];
  if (isClosing(kind) || kind === 'test' || ruleId === null) return all;
  const ids: ButtonValue = { orgId, ruleId, incidentId, workflowId, monitorId, runId };
  const value = JSON.stringify(ids);
  if (workflowId !== null) all.push({ type: 'button', action_id: buttonActions.rerun, text: label('Re-run'), value });
  else if (monitorId !== null)
    all.push({ type: 'button', action_id: buttonActions.rerun, text: label('Check now'), value });
  all.push({ type: 'button', action_id: buttonActions.mute, text: label('Mute 1 h'), value });
  return all;
}

const label = (text: string) => ({ type: 'plain_text', text }) as const;
