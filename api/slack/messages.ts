import type { Warning } from '../../domain/error/error.ts';
import type { SlackAnswer } from '../../infra/slack/index.ts';
import { inline, link, mrkdwn } from '../../services/channel/slack/mrkdwn.ts';
import type { Context } from '../../services/context/context.ts';
import { said } from './reply.ts';

const signs: Record<string, string> = {
  pass: '✅',
  partial: '🟡',
  fail: '🔴',
  error: '⚠️',
  pending: '⏳',
  running: '⏳',
};

export const sign = (status: string): string => signs[status] ?? '•';

/** A link to a page of an organization. */
export const pageLink = (
  { deps }: { deps: Context['deps'] },
  { slug }: { slug: string },
  path: string,
  words: string,
): string => link(`${deps.config.url}/o/${slug}/${path}`, words);

/** Runs that were dispatched, each with a link. */
export const startedWords = (
  ctx: Context,
  organization: { slug: string },
  { runs, warnings }: { runs: { runId: string; model: string; status: string }[]; warnings: Warning[] },
): SlackAnswer =>
  said(
    ...runs.map(
      ({ runId, model, status }) =>
        `${sign(status)} ${pageLink(ctx, organization, `runs/${runId}`, 'Run')} with ${inline(model)}: ${status}`,
    ),
    ...warnings.map(({ message }) => mrkdwn(message)),
  );
