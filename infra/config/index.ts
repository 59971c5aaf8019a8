import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { type ProviderConfig, providerConfig } from '../models/index.ts';

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

const environment = z.object({
  DATABASE_URL: z.url({ error: 'must be the postgres:// address of the armature database' }),
  SECRETS_DATABASE_URL: z.url({ error: 'must be the postgres:// address of the armature_secrets database' }),
  ARMATURE_SECRETS_KEY: z
    .string({ error: 'must be set: 32 bytes as base64 (openssl rand -base64 32)' })
    .refine((key) => Buffer.from(key, 'base64').length === 32, 'must be 32 bytes as base64 (openssl rand -base64 32)'),
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
    .regex(/^[a-z0-9-]*$/, 'may hold a–z, 0–9 and - only')
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
});

export type Config = {
  databaseUrl: string;
  secretsUrl: string;
  secretsKey: string;
  authSecret: string;
  url: string;
  port: number;
  host: string;
  temporal: { address: string; namespace: string; uiUrl: string };
  /** Prefix of every name in Temporal (domain/run/ids.ts); empty by default. */
  installation: string;
  allowedTargets: string[];
  /** Ports of Armature's own services on this machine: never a target. */
  ownPorts: number[];
  providers: ProviderConfig[];
  openSignup: boolean;
  /** E-mail addresses that see Temporal Web; empty: the first owner. */
  operators: string[];
  trustedProxies: string[];
  heartbeatSeconds: number;
  runConcurrency: number;
  /** Of one API key, in one api process. */
  keyRequestsPerMinute: number;
  /** Batches of checks that one worker carries out at once. */
  checkConcurrency: number;
  checkRetentionDays: number;
  rollUpRetentionMonths: number;
  /** Bearer token of `/metrics`; empty: only this machine may read it. */
  metricsToken: string;
  /** `apiKey` empty: e-mails go to the outbox. */
  email: { apiKey: string; apiUrl: string; webhookSecret: string; from: string };
  /** Null unless client id, client secret and signing secret are all set. */
  slack: { clientId: string; clientSecret: string; signingSecret: string; apiUrl: string } | null;
  logLevel: string;
};

/**
 * The whole environment, parsed once.
 * @throws Error that lists every problem at once, one line each.
 */
export function readConfig(env: NodeJS.ProcessEnv): Config {
  const parsed = environment.safeParse(env);
  const problems = parsed.success
    ? []
    : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  const providers = readProviders(env.ARMATURE_MODELS ?? '', problems);
  if (!parsed.success || problems.length)
    throw new Error(
      `The configuration has ${problems.length} problem(s):\n${problems.map((line) => `  - ${line}`).join('\n')}`,
    );
  const value = parsed.data;
  return {
    databaseUrl: value.DATABASE_URL,
    secretsUrl: value.SECRETS_DATABASE_URL,
    secretsKey: value.ARMATURE_SECRETS_KEY,
    authSecret: value.ARMATURE_AUTH_SECRET,
    url: value.ARMATURE_URL.replace(/\/$/, ''),
    port: value.PORT,
    host: value.HOST,
    temporal: {
      address: value.TEMPORAL_ADDRESS,
      namespace: value.TEMPORAL_NAMESPACE,
      uiUrl: value.ARMATURE_TEMPORAL_UI,
    },
    installation: value.ARMATURE_INSTALLATION,
    allowedTargets: value.ARMATURE_ALLOWED_TARGETS,
    ownPorts: [value.PORT, ...value.ARMATURE_OWN_PORTS],
    providers,
    openSignup: value.ARMATURE_OPEN_SIGNUP,
    operators: value.ARMATURE_OPERATORS,
    trustedProxies: value.ARMATURE_TRUSTED_PROXIES,
    heartbeatSeconds: value.ARMATURE_HEARTBEAT_SECONDS,
    runConcurrency: value.ARMATURE_RUN_CONCURRENCY,
    keyRequestsPerMinute: value.ARMATURE_KEY_REQUESTS_PER_MINUTE,
    checkConcurrency: value.ARMATURE_CHECK_CONCURRENCY,
    checkRetentionDays: value.ARMATURE_CHECK_RETENTION_DAYS,
    rollUpRetentionMonths: value.ARMATURE_ROLL_UP_RETENTION_MONTHS,
    metricsToken: value.ARMATURE_METRICS_TOKEN,
    email: {
      apiKey: value.RESEND_API_KEY,
      apiUrl: value.RESEND_URL.replace(/\/$/, ''),
      webhookSecret: value.RESEND_WEBHOOK_SECRET,
      from: value.ARMATURE_EMAIL_FROM,
    },
    slack:
      value.SLACK_CLIENT_ID && value.SLACK_CLIENT_SECRET && value.SLACK_SIGNING_SECRET
        ? {
            clientId: value.SLACK_CLIENT_ID,
            clientSecret: value.SLACK_CLIENT_SECRET,
            signingSecret: value.SLACK_SIGNING_SECRET,
            apiUrl: value.SLACK_API_URL,
          }
        : null,
    logLevel: value.ARMATURE_LOG_LEVEL,
  };
}

/** `ARMATURE_MODELS`: path of a YAML or JSON file `{ providers: [...] }`; `${NAME}` in a value is taken from the environment. */
function readProviders(path: string, problems: string[]): ProviderConfig[] {
  if (!path) return [];
  try {
    const text = readFileSync(path, 'utf8').replace(
      /\$\{([A-Z0-9_]+)\}/g,
      (_, name: string) => process.env[name] ?? '',
    );
    const parsed = z.object({ providers: z.array(providerConfig) }).safeParse(parseYaml(text));
    if (parsed.success) return parsed.data.providers;
    for (const issue of parsed.error.issues)
      problems.push(`ARMATURE_MODELS (${path}): ${issue.path.join('.')}: ${issue.message}`);
  } catch (error) {
    problems.push(`ARMATURE_MODELS: ${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return [];
}
