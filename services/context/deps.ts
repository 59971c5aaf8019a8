import type { Config } from '../../infra/config/index.ts';
import { createDb } from '../../infra/db/index.ts';
import { createEmail } from '../../infra/email/index.ts';
import type { Logger } from '../../infra/logger/index.ts';
import { createMcpTargets, createServerGate } from '../../infra/mcp-target/index.ts';
import { createModels } from '../../infra/models/index.ts';
import { createOutbound } from '../../infra/outbound/index.ts';
import { createSecrets } from '../../infra/secrets/index.ts';
import { createSlack } from '../../infra/slack/index.ts';
import { createTemporal } from '../../infra/temporal/index.ts';
import type { Deps } from './context.ts';

/** What a process works with, made once. Opens no connection before the first use. */
export function createDeps(config: Config, log: Logger): Deps & { close(): Promise<void> } {
  const db = createDb({ url: config.databaseUrl });
  const secrets = createSecrets({ url: config.secretsUrl, key: config.secretsKey });
  const temporal = createTemporal({
    address: config.temporal.address,
    namespace: config.temporal.namespace,
    installation: config.installation,
  });
  const outbound = createOutbound({ allowedTargets: config.allowedTargets, ownPorts: config.ownPorts });
  return {
    config,
    log,
    db,
    secrets,
    temporal,
    outbound,
    targets: createMcpTargets({ outbound, log }),
    gate: createServerGate(),
    models: createModels({ providers: config.providers }),
    email: createEmail(config.email),
    slack: createSlack(config.slack),
    now: () => new Date(),
    async close() {
      const ended = await Promise.allSettled([temporal.close(), outbound.close(), secrets.close(), db.close()]);
      for (const end of ended)
        if (end.status === 'rejected') log.warn({ err: end.reason }, 'a connection did not close');
    },
  };
}
