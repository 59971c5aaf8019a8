import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../../infra/config/index.ts';
import { migrate } from '../../prisma/migrate.ts';
import { buildDashboard } from '../build.ts';
import { endLeftoverPostgres, startPostgres } from '../embedded/postgres.ts';
import { endLeftoverTemporal, startTemporal } from '../embedded/temporal-server.ts';
import { findFreePort } from '../port.ts';
import { systemEnvironment } from '../process.ts';
import { type Kept, keepAlive } from './child.ts';
import { firstStart } from './demo.ts';
import { keepKeys } from './keys.ts';
import { type PortNeed, takenPorts } from './port.ts';
import { reloadOnChange } from './reload.ts';
import { keepServer } from './server.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const env = process.env;
const home = resolve(env.ARMATURE_HOME ?? '.armature');
const started = Date.now();
const stops: Kept[] = [];
const say = (line: string) => console.log(line);

const shared = ['services', 'domain', 'infra', 'agent'];

/** Starts everything. An address in the environment replaces a part. Stops everything on SIGINT and SIGTERM. */
export function startAll({ isDev }: { isDev: boolean }): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (!ending) say('\nStopping …');
      void end(0);
    });
  start(isDev).catch(async (error: unknown) => {
    console.error(`\n${error instanceof Error ? error.message : String(error)}`);
    await end(1);
  });
}

async function start(isDev: boolean): Promise<void> {
  const ports = { ...readPorts(), temporalHttp: await findFreePort(), temporalMetrics: await findFreePort() };
  await checkPorts(ports);
  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o700 });
  // Started by root, Postgres runs as a system user, who must be able to pass. Secrets have a mode of their own.
  chmodSync(home, 0o711);
  const keys = keepKeys(home);
  say(`Armature, data in ${home}`);

  // In development, Vite serves the dashboard from its sources.
  if (!isDev) await step('Dashboard built', buildDashboard);
  const database = await startDatabase(ports.postgres, keys.databasePassword);
  const temporal = await startTemporalServer(ports);

  const url = env.ARMATURE_URL ?? `http://localhost:${ports.api}`;
  const childEnv: NodeJS.ProcessEnv = {
    ARMATURE_ALLOWED_TARGETS: '127.0.0.0/8, ::1/128, localhost=127.0.0.0/8, localhost=::1/128',
    ...env,
    NODE_ENV: isDev ? 'development' : 'production',
    NODE_COMPILE_CACHE: join(home, 'compile-cache'),
    DATABASE_URL: database.url,
    SECRETS_DATABASE_URL: database.secretsUrl,
    ARMATURE_SECRETS_KEY: env.ARMATURE_SECRETS_KEY ?? keys.secretsKey,
    ARMATURE_AUTH_SECRET: env.ARMATURE_AUTH_SECRET ?? keys.authSecret,
    ARMATURE_URL: url,
    PORT: String(ports.api),
    TEMPORAL_ADDRESS: temporal.address,
    ARMATURE_TEMPORAL_UI: temporal.uiUrl,
    ARMATURE_OWN_PORTS: [
      ...[ports.temporal, ports.temporalUi, ports.temporalHttp, ports.temporalMetrics, ports.postgres],
      ...(env.ARMATURE_OWN_PORTS ? [env.ARMATURE_OWN_PORTS] : []),
    ].join(','),
    ARMATURE_EXAMPLE_PORT: String(ports.example),
  };
  const config = readConfig(childEnv);
  const child = (name: string, script: string, folders: string[], env = childEnv) => {
    const options = {
      name,
      script,
      env,
      logFile: join(home, 'logs', `${name.replaceAll(' ', '-')}.log`),
      say,
    };
    stops.push(isDev ? reloadOnChange({ ...options, root, folders }) : keepAlive({ ...options, onGone }));
  };
  const { NODE_ENV = '', NODE_COMPILE_CACHE = '', ARMATURE_EXAMPLE_PORT = '' } = childEnv;
  const exampleEnv = systemEnvironment({ NODE_ENV, NODE_COMPILE_CACHE, ARMATURE_EXAMPLE_PORT });
  child('example server', 'examples/shop-server/main.ts', ['examples'], exampleEnv);
  child('worker', 'worker/main.ts', ['worker', 'workflows', 'activities', ...shared]);
  child('api', isDev ? 'api/dev.ts' : 'api/main.ts', ['api', ...shared]);
  await step('Api, worker and example server ready', () => waitUntilReady(`http://127.0.0.1:${ports.api}/readyz`));

  const exampleUrl = `http://127.0.0.1:${ports.example}/mcp`;
  const demo = await firstStart({ home, config, url, exampleUrl, step, waitForResults: !isDev });
  say(
    [
      '',
      `Armature is ready after ${((Date.now() - started) / 1000).toFixed(1)} s.`,
      '',
      `  Dashboard     ${url}`,
      ...(temporal.uiUrl ? [`  Temporal Web  ${temporal.uiUrl}`] : []),
      `  Example MCP   ${exampleUrl}`,
      `  Sign in       ${demo.signIn}`,
      ...demo.lines,
      '',
      isDev ? 'Changes take effect as you save. Ctrl-C stops everything.' : 'Ctrl-C stops everything; the data stays.',
    ].join('\n'),
  );
}

type Ports = Record<'api' | 'temporal' | 'temporalUi' | 'postgres' | 'example', number>;

function readPorts(): Ports {
  return {
    api: readPort('PORT', 3000),
    temporal: readPort('ARMATURE_TEMPORAL_PORT', 7233),
    temporalUi: readPort('ARMATURE_TEMPORAL_UI_PORT', 8233),
    postgres: readPort('ARMATURE_POSTGRES_PORT', 5439),
    example: readPort('ARMATURE_EXAMPLE_PORT', 3900),
  };
}

function readPort(variable: string, fallback: number): number {
  const text = env[variable];
  const port = text ? Number(text) : fallback;
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${variable} is "${text}". Set it to a port number from 1 to 65535.`);
  return port;
}

/** @throws Error that names each port that is taken, after ending servers that a killed start has left behind */
async function checkPorts(ports: Ports): Promise<void> {
  const needs: PortNeed[] = [
    { name: 'the dashboard', port: ports.api, variable: 'PORT' },
    { name: 'the example MCP server', port: ports.example, variable: 'ARMATURE_EXAMPLE_PORT' },
  ];
  if (!env.TEMPORAL_ADDRESS)
    needs.push(
      { name: 'Temporal', port: ports.temporal, variable: 'ARMATURE_TEMPORAL_PORT' },
      { name: 'Temporal Web', port: ports.temporalUi, variable: 'ARMATURE_TEMPORAL_UI_PORT' },
    );
  if (!env.DATABASE_URL) needs.push({ name: 'Postgres', port: ports.postgres, variable: 'ARMATURE_POSTGRES_PORT' });
  await endLeftoverTemporal(join(home, 'temporal'));
  await endLeftoverPostgres(join(home, 'postgres'));
  const taken = await takenPorts(needs);
  if (taken.length) throw new Error(taken.join('\n'));
}

async function startDatabase(port: number, appPassword: string): Promise<{ url: string; secretsUrl: string }> {
  if (env.DATABASE_URL) return { url: env.DATABASE_URL, secretsUrl: env.SECRETS_DATABASE_URL ?? '' };
  return step('Postgres started and migrated', async () => {
    const kept = keepServer({
      name: 'Postgres',
      start: () => startPostgres({ dir: join(home, 'postgres'), port }),
      say,
      onGone,
    });
    stops.push(kept);
    const postgres = await kept.ready;
    const appRole = { name: 'armature_app', password: appPassword };
    await migrate({ databaseUrl: postgres.url, appRole, secretsUrl: postgres.secretsUrl });
    const url = new URL(postgres.url);
    url.username = appRole.name;
    url.password = appRole.password;
    return { url: url.href, secretsUrl: postgres.secretsUrl };
  });
}

async function startTemporalServer(
  ports: Ports & Record<'temporalHttp' | 'temporalMetrics', number>,
): Promise<{ address: string; uiUrl: string }> {
  if (env.TEMPORAL_ADDRESS) return { address: env.TEMPORAL_ADDRESS, uiUrl: env.ARMATURE_TEMPORAL_UI ?? '' };
  return step('Temporal started', async (log) => {
    const kept = keepServer({
      name: 'Temporal',
      start: () =>
        startTemporal({
          dir: join(home, 'temporal'),
          port: ports.temporal,
          uiPort: ports.temporalUi,
          httpPort: ports.temporalHttp,
          metricsPort: ports.temporalMetrics,
          log,
        }),
      say,
      onGone,
    });
    stops.push(kept);
    return kept.ready;
  });
}

/** Runs one step and prints its duration, and the lines that it logs, so that a slow step doesn't look like a hang. */
async function step<T>(name: string, run: (log: (line: string) => void) => Promise<T>): Promise<T> {
  const from = Date.now();
  process.stdout.write(`  ${name} … `);
  let hasLogged = false;
  const result = await run((line) => {
    say(`${hasLogged ? '' : '\n'}    ${line}`);
    hasLogged = true;
  });
  say(`${hasLogged ? `  ${name} after ` : ''}${((Date.now() - from) / 1000).toFixed(1)} s`);
  return result;
}

/** Waits until `/readyz` answers 200. After a minute, it throws what is missing. */
async function waitUntilReady(url: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  let last = 'no answer';
  while (!ending) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
      if (response.ok) return;
      last = await response.text();
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    if (Date.now() > deadline)
      throw new Error(`Not ready after a minute: ${last}\nThe logs are in ${join(home, 'logs')}.`);
    await new Promise((resume) => setTimeout(resume, 100));
  }
}

let ending: Promise<void> | undefined;
function end(code: number): Promise<void> {
  process.exitCode = code;
  ending ??= (async () => {
    for (const { name, stop } of stops.reverse()) {
      try {
        await stop();
      } catch (error) {
        console.error(`${name} did not stop cleanly: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
    process.exit(process.exitCode);
  })();
  return ending;
}

function onGone(report: string): void {
  console.error(`\n${report}\n\nEverything stops.`);
  void end(1);
}
