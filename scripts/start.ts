/**
 * `npm start`: all of Armature on this machine (docs/architecture.md, "Processes"). Every part can be replaced by an
 * address.
 */
import { chmodSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readConfig } from '../infra/config/index.ts';
import { migrate } from '../prisma/migrate.ts';
import { buildDashboard } from './build.ts';
import { endLeftoverPostgres, startPostgres } from './postgres.ts';
import { type Kept, keepAlive } from './start/child.ts';
import { firstStart } from './start/demo.ts';
import { keepKeys } from './start/keys.ts';
import { type PortNeed, takenPorts } from './start/port.ts';
import { keepServer } from './start/server.ts';
import { endLeftoverTemporal, startTemporal } from './temporal-server.ts';

const env = process.env;
const home = resolve(env.ARMATURE_HOME ?? '.armature');
const started = Date.now();
const stops: Kept[] = [];
const say = (line: string) => console.log(line);

function portOf(variable: string, fallback: number): number {
  const text = env[variable];
  const port = text ? Number(text) : fallback;
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`${variable} is "${text}": it must be a port number from 1 to 65535.`);
  return port;
}

/**
 * Does one step and tells how long it took, with what it has to tell on the way, so that a slow one is never mistaken
 * for a hang.
 */
async function step<T>(name: string, work: (tell: (line: string) => void) => Promise<T>): Promise<T> {
  const from = Date.now();
  process.stdout.write(`  ${name} … `);
  let told = false;
  const result = await work((line) => {
    say(`${told ? '' : '\n'}    ${line}`);
    told = true;
  });
  say(`${told ? `  ${name} after ` : ''}${((Date.now() - from) / 1000).toFixed(1)} s`);
  return result;
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

for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.on(signal, () => {
    if (!ending) say('\nStopping …');
    void end(0);
  });

async function start() {
  const ports = {
    api: portOf('PORT', 3000),
    temporal: portOf('ARMATURE_TEMPORAL_PORT', 7233),
    temporalUi: portOf('ARMATURE_TEMPORAL_UI_PORT', 8233),
    postgres: portOf('ARMATURE_POSTGRES_PORT', 5439),
    example: portOf('ARMATURE_EXAMPLE_PORT', 3900),
  };
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
  // A start that was killed leaves them on their ports.
  await endLeftoverTemporal(join(home, 'temporal'));
  await endLeftoverPostgres(join(home, 'postgres'));
  const taken = await takenPorts(needs);
  if (taken.length) throw new Error(taken.join('\n'));

  mkdirSync(join(home, 'logs'), { recursive: true, mode: 0o700 });
  // Started by root, Postgres becomes a system user, who has to pass through. What is secret has a mode of its own.
  chmodSync(home, 0o711);
  const keys = keepKeys(home);
  say(`Armature, data in ${home}`);

  await step('Dashboard built', buildDashboard);

  const addresses = env.DATABASE_URL
    ? { databaseUrl: env.DATABASE_URL, secretsUrl: env.SECRETS_DATABASE_URL ?? '' }
    : await step('Postgres started and migrated', async () => {
        const kept = keepServer({
          name: 'Postgres',
          start: () => startPostgres({ dir: join(home, 'postgres'), port: ports.postgres }),
          say,
          onGone,
        });
        stops.push(kept);
        const postgres = await kept.ready;
        await migrate({
          databaseUrl: postgres.url,
          appRole: { name: 'armature_app', password: keys.databasePassword },
          secretsUrl: postgres.secretsUrl,
        });
        const app = new URL(postgres.url);
        app.username = 'armature_app';
        app.password = keys.databasePassword;
        return { databaseUrl: app.href, secretsUrl: postgres.secretsUrl };
      });

  const temporal = env.TEMPORAL_ADDRESS
    ? { address: env.TEMPORAL_ADDRESS, uiUrl: env.ARMATURE_TEMPORAL_UI ?? '' }
    : await step('Temporal started', async (tell) => {
        const kept = keepServer({
          name: 'Temporal',
          start: () =>
            startTemporal({
              dir: join(home, 'temporal'),
              port: ports.temporal,
              uiPort: ports.temporalUi,
              log: tell,
            }),
          say,
          onGone,
        });
        stops.push(kept);
        return kept.ready;
      });

  const url = env.ARMATURE_URL ?? `http://localhost:${ports.api}`;
  const childEnv: NodeJS.ProcessEnv = {
    ARMATURE_ALLOWED_TARGETS: 'localhost,127.0.0.0/8,::1',
    ...env,
    NODE_ENV: 'production',
    DATABASE_URL: addresses.databaseUrl,
    SECRETS_DATABASE_URL: addresses.secretsUrl,
    ARMATURE_SECRETS_KEY: env.ARMATURE_SECRETS_KEY ?? keys.secretsKey,
    ARMATURE_AUTH_SECRET: env.ARMATURE_AUTH_SECRET ?? keys.authSecret,
    ARMATURE_URL: url,
    PORT: String(ports.api),
    TEMPORAL_ADDRESS: temporal.address,
    ARMATURE_TEMPORAL_UI: temporal.uiUrl,
    ARMATURE_OWN_PORTS: [ports.temporal, ports.temporalUi, ports.postgres].join(','),
    ARMATURE_EXAMPLE_PORT: String(ports.example),
  };
  const config = readConfig(childEnv);

  const child = (name: string, script: string) => {
    const logFile = join(home, 'logs', `${name.replaceAll(' ', '-')}.log`);
    stops.push(keepAlive({ name, script, env: childEnv, logFile, say, onGone }));
  };
  child('example server', 'examples/shop-server/main.ts');
  child('worker', 'worker/main.ts');
  child('api', 'api/main.ts');
  await step('Api, worker and example server ready', () => ready(`http://127.0.0.1:${ports.api}/readyz`));

  const demo = await firstStart({ home, config, url, exampleUrl: `http://127.0.0.1:${ports.example}/mcp`, step });
  say(
    [
      '',
      `Armature is ready after ${((Date.now() - started) / 1000).toFixed(1)} s.`,
      '',
      `  Dashboard     ${url}`,
      ...(temporal.uiUrl ? [`  Temporal Web  ${temporal.uiUrl}`] : []),
      `  Example MCP   http://127.0.0.1:${ports.example}/mcp`,
      `  Sign in       ${demo.email}, password in ${join(home, 'credentials.json')}`,
      ...demo.lines,
      '',
      'Ctrl-C stops everything; the data stays.',
    ].join('\n'),
  );
}

/** Waits until `/readyz` answers 200; what is missing is told after a minute. */
async function ready(url: string): Promise<void> {
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

start().catch(async (error: unknown) => {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  await end(1);
});
