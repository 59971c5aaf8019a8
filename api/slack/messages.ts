import type { Warning } from '../../domain/error/error.ts';
import type { SlackAnswer } from '../../infra/slack/index.ts';
import { inline, link, mrkdwn } from '../../services/channel/slack/mrkdwn.ts';
import type { Context } from '../../services/context/context.ts';
import { toAnswer } from './reply.ts';

const statusIcons: Record<string, string> = {
  pass: '✅',
  partial: '🟡',
  fail: '🔴',
  error: '⚠️',
  pending: '⏳',
  running: '⏳',
};

export const statusIcon = (status: string): string => statusIcons[status] ?? '•';

/** A link to a page of an organization. */
export const pageLink = (
  { deps }: { deps: Context['deps'] },
  { slug }: { slug: string },
  path: string,
  text: string,
): string => link(`${deps.config.url}/o/${slug}/${path}`, text);

/** Dispatched runs, each with a link. */
export const formatStartedRuns = (
  ctx: Context,
  organization: { slug: string },
  { runs, warnings }: { runs: { runId: string; model: string; status: string }[]; warnings: Warning[] },
): SlackAnswer =>
  toAnswer(
    ...runs.map(
      ({ runId, model, status }) =>
        `${statusIcon(status)} ${pageLink(ctx, organization, `runs/${runId}`, 'Run')} with ${inline(model)}: ${status}`,
    ),
    ...warnings.map(({ message }) => mrkdwn(message)),
  );
