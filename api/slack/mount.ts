import { App, ExpressReceiver, LogLevel } from '@slack/bolt';
import { type Express, type RequestHandler, Router } from 'express';
import { z } from 'zod';
import { ArmatureError } from '../../domain/error/error.ts';
import type { Logger } from '../../infra/logger/index.ts';
import type { Deps } from '../../services/context/context.ts';
import { endSlackTeam } from '../../services/destination/slack/end-team.ts';
import { toApiError } from '../mcp/error.ts';
import { answerCommand, commandPayload } from './command.ts';
import { oauthRedirect } from './oauth-redirect.ts';
import { answerPress, pressPayload } from './press.ts';
import { handleInteraction } from './reply.ts';

const eventsPath = '/slack/events';
const redirectPath = '/slack/oauth_redirect';

/** A button press carries the whole message. */
const maxBodyBytes = 1024 * 1024;

/**
 * Serves Slack's signed requests (button presses, commands, events) and the OAuth redirect. Answers 404 when no Slack
 * app is configured. Bolt reads request bodies only on its own route.
 */
export function mountSlack(app: Express, deps: Deps): void {
  const { slack } = deps.config;
  if (!slack) {
    app.all([eventsPath, redirectPath], (_request, response) => {
      const problem = new ArmatureError(
        'resource_not_found',
        'Slack is not configured on this installation.',
        'Ask the operator to set SLACK_CLIENT_ID, SLACK_CLIENT_SECRET and SLACK_SIGNING_SECRET.',
      );
      response.status(404).json({ error: toApiError(problem, response.locals.requestId) });
    });
    return;
  }
  app.get(redirectPath, oauthRedirect(deps));
  app.post(eventsPath, refuseFuture(deps));

  const logger = boltLogger(deps.log);
  const receiver = new ExpressReceiver({
    app,
    router: Router(),
    signingSecret: slack.signingSecret,
    endpoints: { events: eventsPath },
    bodyLimit: maxBodyBytes,
    logger,
    customPropertiesExtractor: (request) => ({ requestId: request.res?.locals.requestId ?? '' }),
  });
  const bolt = new App({
    receiver,
    logger,
    // Answers go to the response URL of the request, which needs no token, so none is read from the secrets store.
    // Permissions come from the link between Slack user and member, not from the installation.
    authorize: async ({ teamId, enterpriseId }) => ({
      ...(teamId !== undefined && { teamId }),
      ...(enterpriseId !== undefined && { enterpriseId }),
    }),
    convoStore: false,
    ignoreSelf: false,
  });
  bolt.error(async (error) => deps.log.error({ err: error }, 'Slack request failed'));

  // Slack waits three seconds, so it is acknowledged before the work starts.
  bolt.action(/^armature_/, async ({ ack, body, context }) => {
    await ack();
    const press = pressPayload.parse(body);
    await handleInteraction(
      { deps, requestId: getRequestId(context), responseUrl: press.response_url },
      (interaction) => answerPress(interaction, press),
    );
  });
  bolt.command('/armature', async ({ ack, body, context }) => {
    await ack();
    const command = commandPayload.parse(body);
    await handleInteraction(
      { deps, requestId: getRequestId(context), responseUrl: command.response_url },
      (interaction) => answerCommand(interaction, command),
    );
  });
  for (const name of ['app_uninstalled', 'tokens_revoked'] as const)
    bolt.event(name, async ({ body, context }) => {
      const { team_id: teamId, event_time: seconds, event } = endPayload.parse(body);
      const botUserIds = name === 'tokens_revoked' ? (event.tokens?.bot ?? []) : undefined;
      await endSlackTeam(deps, {
        teamId,
        reason: name,
        // `event_time` is in whole seconds: installations within that second are older than the event.
        at: new Date(seconds * 1000 + 999),
        ...(botUserIds && { botUserIds }),
        requestId: getRequestId(context),
      });
    });
}

const maxClockSkewSeconds = 5 * 60;

/** Bolt refuses old requests only. One signed for a later time could be kept and sent again until then. */
function refuseFuture({ log, now }: Deps): RequestHandler {
  return (request, response, next) => {
    const seconds = Number(request.get('x-slack-request-timestamp') ?? 0);
    // Bolt refuses what is not a number.
    if (!(seconds > now().getTime() / 1000 + maxClockSkewSeconds)) return next();
    log.info({ requestId: response.locals.requestId }, 'Slack request refused: its time is in the future');
    response.status(401).end();
  };
}

const endPayload = z.object({
  team_id: z.string(),
  event_time: z.number(),
  event: z.object({ tokens: z.object({ bot: z.array(z.string()).optional() }).optional() }),
});

const getRequestId = (context: { [name: string]: unknown }): string => String(context.requestId);

/** Bolt's messages in our log, without its details, which contain whole requests. */
function boltLogger(log: Logger) {
  const toMessage = (parts: unknown[]) =>
    parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' ');
  return {
    debug() {},
    info: (...parts: unknown[]) => log.debug({ slack: toMessage(parts) }, 'bolt'),
    // Bolt warns of requests that aren't signed, which anyone can send.
    warn: (...parts: unknown[]) => log.info({ slack: toMessage(parts) }, 'bolt'),
    error: (...parts: unknown[]) => log.error({ slack: toMessage(parts) }, 'bolt'),
    setLevel() {},
    getLevel: () => LogLevel.INFO,
    setName() {},
  };
}
