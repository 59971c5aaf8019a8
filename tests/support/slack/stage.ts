import express from 'express';
import { z } from 'zod';
import { listen } from '../../../api/listen.ts';
import { mountSlack } from '../../../api/slack/mount.ts';
import type { Deps } from '../../../services/context/context.ts';
import { newId } from '../../../services/context/ids.ts';
import { offerSlackLink } from '../../../services/destination/slack/offer-link.ts';
import { type TestDeps, type TestDepsOptions, type TestOrg, testDeps, testOrg } from '../setup/context.ts';
import { type FakeSlack, signed, startSlack } from './fake-slack.ts';

const signingSecret = 'signing-secret-of-the-test';

export type Answer = { text: string; response_type: string };

export type SlackStage = {
  deps: Deps;
  url: string;
  slack: FakeSlack;
  /** As Slack sends it; `at` (seconds), `headers` and `secret` replace what it would sign. */
  send(body: string, type: 'form' | 'json', over?: Sending): Promise<Response>;
  event(event: object, of: { teamId: string; at?: number }): Promise<Response>;
  /** Presses a button; ends when Slack has been answered and, unless `silent`, the person too. */
  press(of: Press): Promise<Answer[]>;
  command(text: string, of: { teamId: string; user: string; trigger?: string }): Promise<Answer[]>;
  close(): Promise<void>;
};

type Sending = { at?: number; secret?: string; headers?: Record<string, string> };
type Press = {
  action: string;
  value: unknown;
  teamId: string;
  user: string;
  /** Whose user that is. @default teamId */
  userTeam?: string;
  trigger?: string;
  silent?: boolean;
};

/**
 * What Slack calls, on a port of its own beside a route that Bolt has nothing to do with, over real databases and
 * Temporal.
 */
export async function slackStage(options: TestDepsOptions = {}): Promise<SlackStage> {
  const slack = await startSlack();
  const scenario: TestDeps = await testDeps({
    ...options,
    env: {
      SLACK_CLIENT_ID: '1.2',
      SLACK_CLIENT_SECRET: 'client-secret',
      SLACK_SIGNING_SECRET: signingSecret,
      SLACK_API_URL: slack.apiUrl,
      ...options.env,
    },
  });
  const { deps } = scenario;
  const app = express();
  app.use((_request, response, next) => {
    response.locals.requestId = newId();
    next();
  });
  mountSlack(app, deps);
  app.post('/elsewhere', async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    response.send(Buffer.concat(chunks).toString('utf8'));
  });
  const server = await listen(app, { port: 0, host: '127.0.0.1' });
  const url = `http://127.0.0.1:${server.port}`;

  const send: SlackStage['send'] = (body, type, { at, secret = signingSecret, headers } = {}) =>
    fetch(`${url}/slack/events`, {
      method: 'POST',
      body,
      headers: {
        'content-type': type === 'json' ? 'application/json' : 'application/x-www-form-urlencoded',
        ...signed(body, { secret, ...(at !== undefined && { at }) }),
        ...headers,
      },
    });

  async function answered(address: string, silent: boolean): Promise<Answer[]> {
    if (silent) return slack.answersAt(address);
    const until = Date.now() + 20_000;
    while (slack.answersAt(address).length === 0) {
      if (Date.now() > until) throw new Error('nothing was answered');
      await new Promise((resolve) => setImmediate(resolve));
    }
    return slack.answersAt(address);
  }

  return {
    deps,
    url,
    slack,
    send,
    event: (event, { teamId, at = Math.floor(Date.now() / 1000) }) =>
      send(
        JSON.stringify({
          type: 'event_callback',
          token: 'x',
          team_id: teamId,
          api_app_id: 'A1',
          event_id: `Ev${newId()}`,
          event_time: at,
          event,
        }),
        'json',
      ),
    async press({ action, value, teamId, user, userTeam = teamId, trigger = newId(), silent = false }) {
      const address = slack.answerAddress();
      const payload = {
        type: 'block_actions',
        api_app_id: 'A1',
        user: { id: user, username: 'ada', team_id: userTeam },
        team: { id: teamId, domain: 'acme' },
        channel: { id: 'C1', name: 'alerts' },
        trigger_id: trigger,
        response_url: address,
        actions: [{ type: 'button', block_id: 'b', action_id: action, value: JSON.stringify(value), action_ts: '1' }],
      };
      const response = await send(new URLSearchParams({ payload: JSON.stringify(payload) }).toString(), 'form');
      if (response.status !== 200) throw new Error(`Slack was answered ${response.status}`);
      return answered(address, silent);
    },
    async command(text, { teamId, user, trigger = newId() }) {
      const address = slack.answerAddress();
      const fields = {
        command: '/armature',
        text,
        team_id: teamId,
        user_id: user,
        channel_id: 'C1',
        trigger_id: trigger,
        response_url: address,
        api_app_id: 'A1',
        is_enterprise_install: 'false',
      };
      const response = await send(new URLSearchParams(fields).toString(), 'form');
      if (response.status !== 200) throw new Error(`Slack was answered ${response.status}`);
      return answered(address, false);
    },
    async close() {
      await server.close();
      await slack.close();
      await scenario.close();
    },
  };
}

/** An organization that is connected to a Slack workspace. @returns its installation, whose secret is in the store. */
export async function connected(
  { deps }: SlackStage,
  { teamId, org, botUserId = 'UBOT' }: { teamId: string; org?: TestOrg; botUserId?: string },
) {
  const of = org ?? (await testOrg(deps));
  const installationId = newId();
  await deps.db.slackInstallation.create({
    data: {
      id: installationId,
      orgId: of.orgId,
      teamId,
      teamName: 'Acme',
      appId: 'A1',
      botUserId,
      scopes: [],
      secretRef: await deps.secrets.put(of.orgId, { botToken: `xoxb-${teamId}` }),
      installedBy: `member:${of.userId}`,
      installedAt: new Date(Date.now() - 60_000),
    },
  });
  return { org: of, installationId };
}

/** The token of a new link for a Slack user. */
export async function linkToken(
  { deps }: SlackStage,
  of: { teamId: string; slackUserId: string; orgId?: string },
): Promise<string> {
  return z.string().parse(new URL(await offerSlackLink(deps, of)).searchParams.get('token'));
}
