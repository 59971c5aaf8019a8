import { z } from 'zod';
import { type Environment, type ProviderConfig, readModelsFile } from './models-file.ts';

export type { ModelConfig, ProviderConfig } from './models-file.ts';

const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(/[\s,]+/)
      .map((item) => item.trim())
      .filter(Boolean),
  );
const port = z.coerce.number().int().min(0).max(65535);
const flag = z.stringbool().default(false);

const environment = z
  .object({
    DATABASE_URL: z.url({ error: 'must be the postgres:// address of the armature database' }),
    SECRETS_DATABASE_URL: z.url({ error: 'must be the postgres:// address of the armature_secrets database' }),
    ARMATURE_SECRETS_KEY: z
      .string({ error: 'must be set: 32 bytes as base64 (openssl rand -base64 32)' })
      .refine(
        (key) => Buffer.from(key, 'base64').length === 32,
        'must be 32 bytes as base64 (openssl rand -base64 32)',
      ),
    ARMATURE_AUTH_SECRET: z
      .string({ error: 'must be set: at least 32 characters (openssl rand -base64 32)' })
      .min(32, 'must have at least 32 characters (openssl rand -base64 32)'),
    ARMATURE_URL: z.url().default('http://localhost:3000'),
    PORT: port.default(3000),
    HOST: z.string().default('127.0.0.1'),
    TEMPORAL_ADDRESS: z.string().default('127.0.0.1:7233'),
    TEMPORAL_NAMESPACE: z.string().default('default'),
    ARMATURE_TEMPORAL_UI: z.string().default(''),
    ARMATURE_INSTALLATION: z
      .string()
      .regex(/^[a-z0-9-]*$/, 'may contain only a–z, 0–9 and -')
      .default(''),
    ARMATURE_ALLOWED_TARGETS: list,
    ARMATURE_OWN_PORTS: list.pipe(z.array(z.string().transform(Number).pipe(z.int().min(1).max(65535)))),
    ARMATURE_MODELS: z.string().default(''),
    ARMATURE_OPEN_SIGNUP: flag,
    ARMATURE_OPERATORS: list,
    ARMATURE_TRUSTED_PROXIES: list,
    ARMATURE_HEARTBEAT_SECONDS: z.coerce.number().min(1).max(600).default(15),
    ARMATURE_RUN_CONCURRENCY: z.coerce.number().int().min(1).max(500).default(40),
    ARMATURE_KEY_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).max(10_000_000).default(600),
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
    ARMATURE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  })
  .transform((env) => ({
    databaseUrl: env.DATABASE_URL,
    secretsUrl: env.SECRETS_DATABASE_URL,
    secretsKey: env.ARMATURE_SECRETS_KEY,
    authSecret: env.ARMATURE_AUTH_SECRET,
    url: env.ARMATURE_URL.replace(/\/$/, ''),
    port: env.PORT,
    host: env.HOST,
    temporal: { address: env.TEMPORAL_ADDRESS, namespace: env.TEMPORAL_NAMESPACE, uiUrl: env.ARMATURE_TEMPORAL_UI },
    /** Prefix of every name in Temporal (domain/run/ids.ts). */
    installation: env.ARMATURE_INSTALLATION,
    allowedTargets: env.ARMATURE_ALLOWED_TARGETS,
    /** Ports of Armature's own services on this machine, which are never allowed as targets. */
    ownPorts: [env.PORT, ...env.ARMATURE_OWN_PORTS],
    openSignup: env.ARMATURE_OPEN_SIGNUP,
    /** E-mail addresses of people who may open Temporal Web. Empty: the first owner. */
    operators: env.ARMATURE_OPERATORS,
    trustedProxies: env.ARMATURE_TRUSTED_PROXIES,
    heartbeatSeconds: env.ARMATURE_HEARTBEAT_SECONDS,
    runConcurrency: env.ARMATURE_RUN_CONCURRENCY,
    /** Per API key and api process. */
    keyRequestsPerMinute: env.ARMATURE_KEY_REQUESTS_PER_MINUTE,
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
    logLevel: env.ARMATURE_LOG_LEVEL,
  }));

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
