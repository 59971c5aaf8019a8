import { createAuth } from '../../infra/auth/index.ts';
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

/**
 * Creates the dependencies of a process. Opens no connection before the first use.
 * @param overrides used instead of the parts that `config` describes; `close` leaves them open
 */
export function createDeps(
  config: Config,
  log: Logger,
  overrides: Partial<Omit<Deps, 'config' | 'log'>> = {},
): Deps & { close(): Promise<void> } {
  const owned: { close(): Promise<void> }[] = [];
  const own = <T extends { close(): Promise<void> }>(part: T): T => {
    owned.push(part);
    return part;
  };
  const db = overrides.db ?? own(createDb({ url: config.databaseUrl }));
  const outbound =
    overrides.outbound ?? own(createOutbound({ allowedTargets: config.allowedTargets, ownPorts: config.ownPorts }));
  return {
    config,
    log,
    db,
    secrets: overrides.secrets ?? own(createSecrets({ url: config.secretsUrl, key: config.secretsKey })),
    temporal: overrides.temporal ?? own(createTemporal({ ...config.temporal, installation: config.installation })),
    outbound,
    auth: overrides.auth ?? createAuth({ config, db }),
    targets: overrides.targets ?? createMcpTargets({ outbound, log }),
    gate: overrides.gate ?? createServerGate(),
    models: overrides.models ?? createModels({ providers: config.providers }),
    email: overrides.email ?? createEmail(config.email),
    slack: overrides.slack ?? createSlack(config.slack),
    now: overrides.now ?? (() => new Date()),
    async close() {
      const results = await Promise.allSettled(owned.map((part) => part.close()));
      for (const result of results)
        if (result.status === 'rejected') log.warn({ err: result.reason }, 'a connection did not close');
    },
  };
}
