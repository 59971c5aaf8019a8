import { z } from 'zod';
import type { ProviderConfig } from '../../domain/model/provider.ts';
import { type Environment, readModelsFile } from './models-file.ts';
import { listOwnServices } from './own-services.ts';
import { queues } from './queues.ts';
import { readTelemetry, telemetryVariables } from './telemetry.ts';
import { pem, readTls } from './tls.ts';

export type { ModelConfig, ProviderConfig } from '../../domain/model/provider.ts';

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(/[\s,]+/)
      .map((item) => item.trim())
      .filter(Boolean),
  );
const port = z.coerce.number('must be a port number, from 0 to 65535').int().min(0).max(65535);
const flag = z.stringbool().default(false);
/** Null when it is empty: no limit. */
const ceiling = (amount: z.ZodNumber) =>
  z
    .string()
    .trim()
    .default('')
    .transform((text) => (text === '' ? null : Number(text)))
    .pipe(amount.nullable());
const isKey = (key: string): boolean => Buffer.from(key, 'base64').length === 32;
const keyForm = 'must be 32 bytes as base64 (openssl rand -base64 32)';

const environment = z
  .object({
    NODE_ENV: z.string().default('production'),
    DATABASE_URL: z.url({ error: 'must be the postgres:// address of the armature database' }),
    SECRETS_DATABASE_URL: z.url({ error: 'must be the postgres:// address of the armature_secrets database' }),
    ARMATURE_SECRETS_KEY: z
      .string({ error: 'must be set: 32 bytes as base64 (openssl rand -base64 32)' })
      .refine(isKey, keyForm),
    ARMATURE_SECRETS_PREVIOUS_KEYS: list.pipe(z.array(z.string().refine(isKey, keyForm))),
    ARMATURE_AUTH_SECRET: z
      .string({ error: 'must be set: at least 32 characters (openssl rand -base64 32)' })
      .min(32, 'must have at least 32 characters (openssl rand -base64 32)'),
    ARMATURE_URL: z.url().default('http://localhost:3000'),
    PORT: port.default(3000),
    HOST: z.string().default('127.0.0.1'),
    TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
    TEMPORAL_NAMESPACE: z.string().default('default'),
    TEMPORAL_TLS: flag,
    TEMPORAL_TLS_CA: pem,
    TEMPORAL_TLS_CERT: pem,
    TEMPORAL_TLS_KEY: pem,
    TEMPORAL_TLS_SERVER_NAME: z.string().default(''),
    TEMPORAL_API_KEY: z.string().trim().default(''),
    ARMATURE_TEMPORAL_UI: z.string().default(''),
    ARMATURE_INSTALLATION: z
      .string()
      .regex(/^[a-z0-9-]*$/, 'may contain only a–z, 0–9 and -')
      .default(''),
    ARMATURE_ALLOWED_TARGETS: list,
    ARMATURE_OWN_PORTS: list.pipe(z.array(z.string().transform(Number).pipe(z.int().min(1).max(65535)))),
    ARMATURE_MODELS: z.string().default(''),
    ARMATURE_OPEN_SIGNUP: flag,
    ARMATURE_OAUTH: flag,
    ARMATURE_OIDC_ISSUER: z
      .union([z.literal(''), z.url({ error: 'must be the address of an OpenID provider' })])
      .default(''),
    ARMATURE_OIDC_CLIENT_ID: z.string().trim().default(''),
    ARMATURE_OIDC_CLIENT_SECRET: z.string().trim().default(''),
    ARMATURE_OIDC_ALLOWED_DOMAINS: list,
    ARMATURE_OPERATORS: list,
    ARMATURE_TRUSTED_PROXIES: list,
    ARMATURE_QUEUES: queues,
    ARMATURE_HEARTBEAT_SECONDS: z.coerce.number().min(1).max(600).default(15),
    ARMATURE_WATCHDOG_SECONDS: z.coerce.number().int().min(0).max(3600).default(60),
    ARMATURE_RUN_CONCURRENCY: z.coerce.number().int().min(1).max(500).default(40),
    ARMATURE_MAX_CONCURRENT_RUNS: ceiling(z.int('must be a whole number').min(1)),
    ARMATURE_MONTHLY_TOKENS: ceiling(z.int('must be a whole number').min(1)),
    ARMATURE_MONTHLY_COST: ceiling(z.number('must be an amount of US dollars').min(0)),
    ARMATURE_KEY_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).max(10_000_000).default(600),
    ARMATURE_PRODUCT_MCP_DOMAIN: z
      .string()
      .trim()
      .regex(/^([a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?)?$/, 'must be a domain, such as armature.example.com')
      .default(''),
    ARMATURE_PRODUCT_MCP_CALLER_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).max(10_000_000).default(600),
    ARMATURE_PRODUCT_MCP_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).max(10_000_000).default(3000),
    ARMATURE_CHECK_CONCURRENCY: z.coerce.number().int().min(1).max(2000).default(200),
    ARMATURE_CHECK_RETENTION_DAYS: z.coerce.number().int().min(2).max(400).default(30),
    ARMATURE_ROLL_UP_RETENTION_MONTHS: z.coerce.number().int().min(1).max(120).default(13),
    ARMATURE_METRICS_TOKEN: z.string().default(''),
    RESEND_API_KEY: z.string().default(''),
    RESEND_URL: z.url().default('https://api.resend.com'),
    RESEND_WEBHOOK_SECRET: z.string().default(''),
    ARMATURE_EMAIL_FROM: z.string().default('Armature <alerts@localhost>'),
    SLACK_CLIENT_ID: z.string().default(''),
    SLACK_CLIENT_SECRET: z.string().default(''),
    SLACK_SIGNING_SECRET: z.string().default(''),
    SLACK_API_URL: z.url().default('https://slack.com/api/'),
    ...telemetryVariables,
    ARMATURE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .refine((env) => (env.TEMPORAL_TLS_CERT === '') === (env.TEMPORAL_TLS_KEY === ''), {
    path: ['TEMPORAL_TLS_CERT'],
    error: 'needs TEMPORAL_TLS_KEY, and the other way round: set both, or none',
  })
  .refine(
    ({ ARMATURE_OIDC_ISSUER: issuer, ARMATURE_OIDC_CLIENT_ID: id, ARMATURE_OIDC_CLIENT_SECRET: secret }) =>
      [issuer, id, secret].every((value) => value === '') || [issuer, id, secret].every((value) => value !== ''),
    {
      path: ['ARMATURE_OIDC_ISSUER'],
      error: 'needs ARMATURE_OIDC_CLIENT_ID and ARMATURE_OIDC_CLIENT_SECRET: set all three, or none',
    },
  )
  .transform((env) => ({
    databaseUrl: env.DATABASE_URL,
    secretsUrl: env.SECRETS_DATABASE_URL,
    secretsKey: env.ARMATURE_SECRETS_KEY,
    /** Earlier keys, which still open what was encrypted with them. */
    secretsPreviousKeys: env.ARMATURE_SECRETS_PREVIOUS_KEYS,
    authSecret: env.ARMATURE_AUTH_SECRET,
    url: env.ARMATURE_URL.replace(/\/$/, ''),
    port: env.PORT,
    host: env.HOST,
    temporal: {
      address: env.TEMPORAL_ADDRESS,
      namespace: env.TEMPORAL_NAMESPACE,
      uiUrl: env.ARMATURE_TEMPORAL_UI,
      apiKey: env.TEMPORAL_API_KEY,
      tls: readTls(env),
    },
    /** Prefix of every name in Temporal (domain/run/ids.ts). */
    installation: env.ARMATURE_INSTALLATION,
    allowedTargets: env.ARMATURE_ALLOWED_TARGETS,
    /** Ports of Armature's own services on this machine, which are never allowed as targets. */
    ownPorts: [env.PORT, ...env.ARMATURE_OWN_PORTS],
    /** Where Temporal and the databases listen, which are never allowed as targets either. */
    ownServices: listOwnServices({
      temporal: env.TEMPORAL_ADDRESS,
      databases: [env.DATABASE_URL, env.SECRETS_DATABASE_URL],
    }),
    openSignup: env.ARMATURE_OPEN_SIGNUP,
    /** Clients of `/api/mcp` may sign in by OAuth instead of sending an API key. */
    offersOAuth: env.ARMATURE_OAUTH,
    /** Null: people sign in with a password only. */
    oidc:
      env.ARMATURE_OIDC_ISSUER === ''
        ? null
        : {
            issuer: env.ARMATURE_OIDC_ISSUER,
            clientId: env.ARMATURE_OIDC_CLIENT_ID,
            clientSecret: env.ARMATURE_OIDC_CLIENT_SECRET,
            /** Of e-mail addresses. Empty: all, and none gets an account by it. */
            allowedDomains: env.ARMATURE_OIDC_ALLOWED_DOMAINS.map((domain) => domain.toLowerCase()),
          },
    /** E-mail addresses of people who may open Temporal Web. Empty: the first owner. */
    operators: env.ARMATURE_OPERATORS,
    trustedProxies: env.ARMATURE_TRUSTED_PROXIES,
    /** The task queues that a worker of this configuration hosts. */
    queues: env.ARMATURE_QUEUES,
    heartbeatSeconds: env.ARMATURE_HEARTBEAT_SECONDS,
    /** 0: a process that doesn't respond goes on. */
    watchdogSeconds: env.ARMATURE_WATCHDOG_SECONDS,
    runConcurrency: env.ARMATURE_RUN_CONCURRENCY,
    /** Of each workspace. Tokens of testers and judges together, and US dollars, a month (UTC). Null: no limit. */
    ceilings: {
      concurrentRuns: env.ARMATURE_MAX_CONCURRENT_RUNS,
      monthlyTokens: env.ARMATURE_MONTHLY_TOKENS,
      monthlyCost: env.ARMATURE_MONTHLY_COST,
    },
    /** Per API key and api process. */
    keyRequestsPerMinute: env.ARMATURE_KEY_REQUESTS_PER_MINUTE,
    /** Product MCPs are also served as `mcp.<workspace>.<domain>`. Empty: only below ARMATURE_URL. */
    productMcpDomain: env.ARMATURE_PRODUCT_MCP_DOMAIN,
    /** Of each Product MCP, in each api process. */
    productMcpLimits: {
      callerPerMinute: env.ARMATURE_PRODUCT_MCP_CALLER_REQUESTS_PER_MINUTE,
      serverPerMinute: env.ARMATURE_PRODUCT_MCP_REQUESTS_PER_MINUTE,
    },
    /** Concurrent batches of checks in one worker. */
    checkConcurrency: env.ARMATURE_CHECK_CONCURRENCY,
    checkRetentionDays: env.ARMATURE_CHECK_RETENTION_DAYS,
    rollUpRetentionMonths: env.ARMATURE_ROLL_UP_RETENTION_MONTHS,
    /** Bearer token for `/metrics`. Empty: only this machine may read it. */
    metricsToken: env.ARMATURE_METRICS_TOKEN,
    /** Without an `apiKey`, e-mails go to the outbox. */
    email: {
      apiKey: env.RESEND_API_KEY,
      apiUrl: env.RESEND_URL.replace(/\/$/, ''),
      webhookSecret: env.RESEND_WEBHOOK_SECRET,
      from: env.ARMATURE_EMAIL_FROM,
    },
    /** Null unless client id, client secret and signing secret are all set. */
    slack:
      env.SLACK_CLIENT_ID && env.SLACK_CLIENT_SECRET && env.SLACK_SIGNING_SECRET
        ? {
            clientId: env.SLACK_CLIENT_ID,
            clientSecret: env.SLACK_CLIENT_SECRET,
            signingSecret: env.SLACK_SIGNING_SECRET,
            apiUrl: env.SLACK_API_URL,
          }
        : null,
    telemetry: readTelemetry(env),
    logLevel: env.ARMATURE_LOG_LEVEL,
    /** The page that shows every component, `/dev/ui`. */
    showsComponents: env.NODE_ENV === 'development' || env.NODE_ENV === 'test',
  }));

/** Every variable that operators may set. `NODE_ENV` is decided by how a process is started. */
export const variableNames: readonly string[] = Object.keys(environment.in.shape).filter((name) => name !== 'NODE_ENV');

export type Config = z.output<typeof environment> & { providers: ProviderConfig[] };

/**
 * Parses the whole configuration.
 * @throws Error that lists every problem, one per line
 */
export function readConfig(env: Environment): Config {
  const parsed = environment.safeParse(env);
  const models = readModelsFile(env.ARMATURE_MODELS ?? '', env);
  const problems = [
    ...(parsed.error?.issues ?? []).map((issue) => `${issue.path.join('.')}: ${issue.message}`),
    ...models.problems,
  ];
  if (!parsed.success || problems.length > 0)
    throw new Error(
      `The configuration has ${problems.length} problem(s):\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    );
  return { ...parsed.data, providers: models.providers };
}

/** The same for a process: prints the problems, and ends it. */
export function readConfigOrExit(env: Environment): Config {
  try {
    return readConfig(env);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}
