import { App, ExpressReceiver, LogLevel } from '@slack/bolt';
import { type Express, Router } from 'express';
import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import type { Logger } from '../../infra/logger/index.ts';
import type { Deps } from '../../services/context/context.ts';
import { endSlackTeam } from '../../services/destination/slack/end-team.ts';
import { apiError } from '../mcp/error.ts';
import { answerCommand, commandPayload } from './command.ts';
import { oauthRedirect } from './oauth-redirect.ts';
import { answerPress, pressPayload } from './press.ts';
import { guarded } from './reply.ts';

const eventsPath = '/slack/events';
const redirectPath = '/slack/oauth_redirect';

/** Largest request of Slack's: a press carries the whole message. */
const largestBody = 1024 * 1024;

/**
 * What Slack calls: presses, commands and events, signed by Slack, and the browser's way back from its page of consent. Without the
 * app's credentials there is nothing here. Bolt reads the bodies of its own route alone.
 */
export function mountSlack(app: Express, deps: Deps): void {
  const { slack } = deps.config;
  if (!slack) {
    app.all([eventsPath, redirectPath], (_request, response) => {
      const problem = new ArmatureError(
        'resource_not_found',
        'Slack is not set up on this installation.',
        'The operator sets SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and SLACK_SIGNING_SECRET.',
      );
      response.status(404).json({ error: apiError(problem, response.locals.requestId) });
    });
    return;
  }
  app.get(redirectPath, oauthRedirect(deps));

  const logger = boltLogger(deps.log);
  const receiver = new ExpressReceiver({
    app,
    router: Router(),
    signingSecret: slack.signingSecret,
    endpoints: { events: eventsPath },
    bodyLimit: largestBody,
    logger,
    customPropertiesExtractor: (request) => ({ requestId: request.res?.locals.requestId ?? '' }),
  });
  const bolt = new App({
    receiver,
    logger,
    // Answers go to the address that a press or command brings, which needs no token: so none leaves the secrets store for it. Who may
    // do what is decided by the link of the Slack user, not by the installation.
    authorize: async ({ teamId, enterpriseId }) => ({
      ...(teamId !== undefined && { teamId }),
      ...(enterpriseId !== undefined && { enterpriseId }),
    }),
    convoStore: false,
    ignoreSelf: false,
  });
  bolt.error(async (error) => deps.log.error({ err: error }, 'a request of Slack was not handled'));

  // Slack waits three seconds: it is answered first, then the work is done.
  bolt.action(/^armature_/, async ({ ack, body, context }) => {
    await ack();
    const press = pressPayload.parse(body);
    await guarded({ deps, requestId: requestIdOf(context), answerAt: press.response_url }, (turn) =>
      answerPress(turn, press),
    );
  });
  bolt.command('/armature', async ({ ack, body, context }) => {
    await ack();
    const command = commandPayload.parse(body);
    await guarded({ deps, requestId: requestIdOf(context), answerAt: command.response_url }, (turn) =>
      answerCommand(turn, command),
    );
  });
  for (const name of ['app_uninstalled', 'tokens_revoked'] as const)
    bolt.event(name, async ({ body, context }) => {
      const { team_id: teamId, event_time: seconds, event } = endPayload.parse(body);
      const botUserIds = name === 'tokens_revoked' ? (event.tokens?.bot ?? []) : undefined;
      await endSlackTeam(deps, {
        teamId,
        reason: name,
        // Whole seconds: what was connected within this one was there before.
        at: new Date(seconds * 1000 + 999),
        ...(botUserIds && { botUserIds }),
        requestId: requestIdOf(context),
      });
    });
}

const endPayload = z.object({
  team_id: z.string(),
  event_time: z.number(),
  event: z.object({ tokens: z.object({ bot: z.array(z.string()).optional() }).optional() }),
});

const requestIdOf = (context: { [name: string]: unknown }): string => String(context.requestId);

/** Bolt's lines in our log. Its details hold whole requests, so they are left out. */
function boltLogger(log: Logger) {
  const words = (parts: unknown[]) =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug() {},
    info: (...parts: unknown[]) => log.debug({ slack: words(parts) }, 'bolt'),
    warn: (...parts: unknown[]) => log.warn({ slack: words(parts) }, 'bolt'),
    error: (...parts: unknown[]) => log.error({ slack: words(parts) }, 'bolt'),
    setLevel() {},
    getLevel: () => LogLevel.INFO,
    setName() {},
  };
}
