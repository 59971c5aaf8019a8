import { execFile, spawn } from 'node:child_process';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findTemporal } from '../embedded/temporal-cli.ts';
import type { TemporalServer } from '../embedded/temporal-server.ts';
import { collectOutput, systemEnvironment, watchServer } from '../process.ts';
import { findPorts, portVariables } from './ports.ts';
import { temporalPrograms } from './programs.ts';

const run = promisify(execFile);
const deploy = fileURLToPath(new URL('../../deploy/temporal/', import.meta.url));

export type TemporalOnPostgres = TemporalServer & {
  /** All that it listens on. A later start with them replaces a server that was killed. */
  ports: readonly number[];
};

/**
 * Starts Temporal's server (not its development server) with the files of deploy/temporal: sets up or updates both
 * databases in a Postgres, starts the server on 127.0.0.1, and creates the namespace `default`.
 * @param options.postgresUrl a role that may create databases: `temporal` and `temporal_visibility` are used.
 * @param options.ports those of a server that ended; by default free ones.
 * @param options.log prints a line of progress of building the programs.
 * @throws when a program can't be had, a step of the setup fails, or the server isn't ready within a minute.
 */
export async function startTemporalOnPostgres(options: {
  postgresUrl: string;
  ports?: readonly number[];
  log: (line: string) => void;
}): Promise<TemporalOnPostgres> {
  const { postgresUrl, log, ports = await findPorts() } = options;
  const programs = await temporalPrograms({ log });
  const cli = await findTemporal({ log });
  const address = `127.0.0.1:${ports[0]}`;
  const { hostname, port, username, password } = new URL(postgresUrl);
  const env = systemEnvironment({
    PATH: [programs, dirname(cli), process.env.PATH].join(delimiter),
    // Of the embedded Postgres it is a socket's folder; it listens on this address too.
    SQL_HOST: hostname.includes('%') ? '127.0.0.1' : hostname,
    SQL_PORT: port || '5432',
    SQL_USER: decodeURIComponent(username),
    SQL_PASSWORD: decodeURIComponent(password),
    ...Object.fromEntries(portVariables.map((name, index) => [name, String(ports[index])])),
    TEMPORAL_BIND: '127.0.0.1',
    TEMPORAL_DYNAMIC_CONFIG: join(deploy, 'dynamic.yaml'),
    TEMPORAL_ADDRESS: address,
  });
  await run('sh', [join(deploy, 'schema.sh')], { env });

  // Detached: Ctrl-C goes to the whole process group, and Temporal must outlive the workers that use it.
  const child = spawn(
    'temporal-server',
    ['--root', deploy, '--config', '.', '--env', 'server', '--allow-no-auth', 'start'],
    {
      detached: true,
      cwd: '/',
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const output = collectOutput(child.stdout, child.stderr);
  const lastWords = () => output().slice(-4000);
  const { died, stop } = watchServer(child, { name: 'Temporal', lastWords });
  try {
    await Promise.race([prepareNamespace(env, output), died]);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address, uiUrl: '', pid: child.pid ?? 0, died, ports, stop };
}

async function prepareNamespace(env: NodeJS.ProcessEnv, output: () => string): Promise<void> {
  let failure: unknown;
  for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
    try {
      await run('sh', [join(deploy, 'namespace.sh')], { env });
      return;
    } catch (error) {
      // The server isn't ready yet. The caller notices when it ends.
      failure = error;
      await delay(250);
    }
  }
  throw new Error(`Temporal is not ready after a minute:\n${output().slice(-4000)}`, { cause: failure });
}
