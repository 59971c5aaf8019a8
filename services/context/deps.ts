import { fileURLToPath } from 'node:url';
import { createAuth } from '../../infra/auth/index.ts';
import { createAuthorization } from '../../infra/authorization/index.ts';
import { type Config, readConfigOrExit } from '../../infra/config/index.ts';
import { createDb } from '../../infra/db/index.ts';
import { createDocs } from '../../infra/docs/index.ts';
import { createEmail } from '../../infra/email/index.ts';
import { createInputSchemas, createOutputSchemas } from '../../infra/json-schema/index.ts';
import { createLive } from '../../infra/live/index.ts';
import { createLogger, type Logger, type LogStream } from '../../infra/logger/index.ts';
import { createMcpTargets } from '../../infra/mcp-target/index.ts';
import { createModels } from '../../infra/models/index.ts';
import { createOAuth } from '../../infra/oauth/index.ts';
import { createOidc } from '../../infra/oidc/index.ts';
import { createOpenApi } from '../../infra/openapi/index.ts';
import { createOutbound } from '../../infra/outbound/index.ts';
import { createSecrets } from '../../infra/secrets/index.ts';
import { createSlack } from '../../infra/slack/index.ts';
import { createTelemetry, noTelemetry, toLogFields } from '../../infra/telemetry/index.ts';
import { createTemporal } from '../../infra/temporal/index.ts';
import { createRenewals } from '../auth-profile/oauth/renewals.ts';
import { createClientKeys } from '../client-sign-in/keys.ts';
import { createUsageRecorder } from '../product-mcp/usage/recorder.ts';
import { createSecurityLog } from '../security-event/log.ts';
import { createServerGate } from '../server/gate/gate.ts';
import { createCallShares } from '../server/gate/shares.ts';
import type { Deps } from './context.ts';
import { createProbeLimit } from './probe-limit.ts';
import { traceModels, traceTargets } from './traced.ts';
import { startWatchdog } from './watchdog/index.ts';

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
  const now = overrides.now ?? (() => new Date());
  const outbound = overrides.outbound ?? own(createOutbound({ ...config, ownPages: `${config.url}/p/` }));
  const telemetry = overrides.telemetry ?? noTelemetry;
  const traced = telemetry.temporal !== null;
  const targets = createMcpTargets({ outbound, log });
  const models = createModels({ providers: config.providers });
  const deps: Deps = {
    config,
    log,
    telemetry,
    db,
    secrets:
      overrides.secrets ??
      own(createSecrets({ url: config.secretsUrl, key: config.secretsKey, previousKeys: config.secretsPreviousKeys })),
    temporal:
      overrides.temporal ??
      own(
        createTemporal({
          ...config.temporal,
          installation: config.installation,
          ...(telemetry.temporal && { interceptors: telemetry.temporal.client }),
        }),
      ),
    live: overrides.live ?? own(createLive({ url: config.databaseUrl, db, log })),
    docs: overrides.docs ?? createDocs({ folder: fileURLToPath(new URL('../../docs', import.meta.url)) }),
    outbound,
    auth: overrides.auth ?? createAuth({ config, db, now }),
    oidc: config.oidc && createOidc({ oidc: config.oidc, url: config.url }),
    authorization: config.offersOAuth
      ? createAuthorization({ config, db, outbound, log, now, keys: createClientKeys(() => deps) })
      : null,
    targets: overrides.targets ?? (traced ? traceTargets(telemetry, targets) : targets),
    oauth: overrides.oauth ?? createOAuth({ outbound, now }),
    gate: overrides.gate ?? own(createServerGate({ shares: createCallShares(db), log })),
    inputSchemas: overrides.inputSchemas ?? createInputSchemas(),
    outputSchemas: overrides.outputSchemas ?? createOutputSchemas(),
    productUsage: overrides.productUsage ?? own(createUsageRecorder({ db, log, now })),
    openApi: overrides.openApi ?? createOpenApi(),
    probes: overrides.probes ?? createProbeLimit(),
    models: overrides.models ?? (traced ? traceModels(telemetry, models) : models),
    email: overrides.email ?? createEmail(config.email),
    slack: overrides.slack ?? createSlack(config.slack),
    security: overrides.security ?? createSecurityLog({ config, db, log, now }),
    // The last one: it closes first, and needs all others.
    renewals: overrides.renewals ?? own(createRenewals()),
    now,
  };
  return {
    ...deps,
    async close() {
      // The latest first: the gate still needs the database.
      for (const part of owned.toReversed())
        await part.close().catch((error: unknown) => log.warn({ err: error }, 'a connection did not close'));
    },
  };
}

/**
 * Everything that a process of Armature needs.
 * @param to gets the log. @default standard output
 */
export async function createProcess(
  name: 'api' | 'worker',
  env: NodeJS.ProcessEnv = process.env,
  to?: LogStream,
): Promise<Deps & { close(): Promise<void> }> {
  const config = readConfigOrExit(env);
  const options = { level: config.logLevel, process: name, ...(to && { to }) };
  const telemetry = await createTelemetry(config.telemetry, { process: name, log: createLogger(options) });
  const log = createLogger({ ...options, fields: () => toLogFields(telemetry) });
  const deps = createDeps(config, log, { telemetry });
  const watchdog = startWatchdog({ seconds: config.watchdogSeconds, process: name, logLevel: config.logLevel });
  return {
    ...deps,
    async close() {
      await deps.close();
      await telemetry.close();
      await watchdog.close();
    },
  };
}
