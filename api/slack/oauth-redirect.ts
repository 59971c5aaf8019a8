import type { RequestHandler, Response } from 'express';
import { isArmatureError } from '../../domain/error/error.ts';
import { getSession } from '../../services/account/session.ts';
import type { Deps } from '../../services/context/context.ts';
import { completeSlackInstall } from '../../services/destination/slack/complete-install.ts';
import { parseState } from '../../services/destination/slack/start-install.ts';
import { readVisit } from '../visit.ts';

/**
 * Completes the installation after Slack's consent page. The browser must be signed in as the admin who started it, so
 * a link can't make anybody connect a Slack workspace. The settings show the outcome from `?slack=`
 * (web/routes/settings/slack/slack-notice.tsx).
 */
export function oauthRedirect(deps: Deps): RequestHandler {
  return async (request, response) => {
    response.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer' });
    const { requestId } = response.locals;
    const visit = readVisit(request);
    const visitor = { kind: 'visitor', id: visit.address } as const;
    const state = parseState(toText(request.query.state));
    if (!state) return refuse(response, 400, 'Invalid request. Connect Slack in the settings of your workspace.');
    const session = await getSession({ deps, actor: visitor, requestId }, { visit });
    if (!session) return refuse(response, 403, 'Sign in to Armature in this browser, then connect Slack again.');
    const org = session.organizations.find(({ slug }) => slug === state.slug);
    if (!org)
      return refuse(response, 403, 'You are not a member of the workspace that this installation was started for.');

    const settings = (outcome: string, reason?: string) =>
      response.redirect(
        302,
        `/o/${org.slug}/settings/slack?${new URLSearchParams({ slack: outcome, ...(reason !== undefined && { reason }) })}`,
      );
    if (request.query.error !== undefined) return settings('canceled');
    const actor = { kind: 'member', id: session.user.id, orgId: org.id, role: org.role } as const;
    try {
      await completeSlackInstall({ deps, actor, requestId }, { token: state.token, code: toText(request.query.code) });
      return settings('connected');
    } catch (error) {
      if (!isArmatureError(error)) throw error;
      deps.log.warn({ err: error, requestId }, 'Slack installation failed');
      switch (error.code) {
        case 'permission_denied':
          return refuse(response, 403, 'Connecting Slack requires the role admin.');
        case 'conflict':
          return settings('refused', typeof error.details.slack === 'string' ? error.details.slack : undefined);
        default:
          return settings('expired');
      }
    }
  };
}

const toText = (value: unknown): string => (typeof value === 'string' ? value : '');

const refuse = (response: Response, status: number, message: string): void => {
  response.status(status).type('text').send(message);
};
