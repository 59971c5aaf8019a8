import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { type RunStatus, runStatuses } from '../../domain/run/run.ts';
import { type Config, readConfig } from '../../infra/config/index.ts';
import { createLogger } from '../../infra/logger/index.ts';
import { migrate } from '../../prisma/migrate.ts';
import { buildDashboard } from '../../scripts/build.ts';
import { type Postgres, startPostgres } from '../../scripts/embedded/postgres.ts';
import { startTemporal, type TemporalServer } from '../../scripts/embedded/temporal-server.ts';
import { findFreePort } from '../../scripts/port.ts';
import type { Context, Deps } from '../../services/context/context.ts';
import { createDeps } from '../../services/context/deps.ts';
import { newId } from '../../services/context/ids.ts';
import { dispatchRun } from '../../services/run/dispatch/dispatch.ts';
import { connectServer } from '../../services/server/connect.ts';
import { createWorkflow } from '../../services/workflow/create.ts';
import { type Running, run, until } from './process.ts';

export type Definition = {
  name: string;
  prompt: string;
  criteria: { text: string; isRequired: boolean }[];
  testerModel?: string;
};

/**
 * All of Armature on this machine, with a Postgres and a Temporal server of its own whose files are in a new directory.
 */
export type Stack = {
  deps: Deps;
  config: Config;
  /** An owner of the one organization. */
  ctx: Context;
  orgId: string;
  /** Superuser URL of the main database. */
  ownerUrl: string;
  postgres(): Postgres;
  temporal(): TemporalServer;
  /** Starts the server again on the files and the port of the one before. */
  restartPostgres(): Promise<void>;
  restartTemporal(): Promise<void>;
  /** @param env added to the configuration of this one. */
  startWorker(env?: Record<string, string>): Running;
  /** @param port by default a free one. @returns once it answers `/readyz`, where that says 200. */
  startApi(port?: number): Promise<Running & { url: string }>;
  /** Connects a server under test; a probe that fails is an error. @returns its id. */
  connect(url: string): Promise<string>;
  /** @returns the id of a workflow that is dispatched by hand only. */
  workflow(serverId: string, definition: Definition): Promise<string>;
  /** @returns the id of the run. */
  dispatch(workflowId: string, key?: string): Promise<string>;
  /** @returns its status once it is terminal. */
  finished(runId: string, seconds?: number): Promise<RunStatus>;
  close(): Promise<void>;
};

/** Starts a Temporal server that keeps its data in `dir`, or in `postgres`. */
export type StartTemporal = (of: {
  dir: string;
  /** 0 picks a free one. */
  port: number;
  postgres: Postgres;
  log: (line: string) => void;
}) => Promise<TemporalServer>;

const startDevServer: StartTemporal = ({ dir, port, log }) => startTemporal({ dir, port, uiPort: null, log });

/**
 * @param env added to the configuration of every process
 * @param start by default Temporal's development server
 */
export async function startStack(
  env: Record<string, string> = {},
  start: StartTemporal = startDevServer,
): Promise<Stack> {
  const dir = await mkdtemp(join(tmpdir(), 'armature-stack-'));
  // Postgres runs as another system user where this one is root.
  await chmod(dir, 0o711);
  const running: Running[] = [];
  const stops: (() => Promise<void>)[] = [() => rm(dir, { recursive: true, force: true })];
  async function close(): Promise<void> {
    await Promise.all(running.map((process) => process.end()));
    for (const stop of stops.reverse()) await stop();
  }

  try {
    const postgresDir = join(dir, 'postgres');
    const temporalDir = join(dir, 'temporal');
    const log = (line: string) => process.stderr.write(`${line}\n`);
    // Of the latest start, which may still be under way.
    let postgresPid = 0;
    const onSpawn = (pid: number) => {
      postgresPid = pid;
    };
    endWith(() => postgresPid);
    let postgres = await startPostgres({ dir: postgresDir, port: 0, onSpawn });
    stops.push(() => postgres.stop());
    const appRole = { name: 'armature_app', password: randomBytes(24).toString('hex') };
    await migrate({ databaseUrl: postgres.url, appRole, secretsUrl: postgres.secretsUrl });
    let temporal = await start({ dir: temporalDir, port: 0, postgres, log });
    stops.push(() => temporal.stop());
    endWith(() => temporal.pid);

    const app = new URL(postgres.url);
    app.username = appRole.name;
    app.password = appRole.password;
    const temporalPort = Number(temporal.address.split(':').at(-1));
    const childEnv: NodeJS.ProcessEnv = {
      ...process.env,
      // Where it is not set, React runs in its development mode, at twice the CPU.
      NODE_ENV: 'production',
      DATABASE_URL: app.href,
      SECRETS_DATABASE_URL: postgres.secretsUrl,
      ARMATURE_SECRETS_KEY: randomBytes(32).toString('base64'),
      ARMATURE_AUTH_SECRET: randomBytes(32).toString('base64'),
      TEMPORAL_ADDRESS: temporal.address,
      ARMATURE_ALLOWED_TARGETS: '127.0.0.0/8',
      ARMATURE_OWN_PORTS: [temporalPort, postgres.port].join(','),
      ARMATURE_LOG_LEVEL: 'warn',
      ...env,
    };
    const config = readConfig(childEnv);
    const deps = createDeps(config, createLogger({ level: 'silent', process: 'harness' }));
    stops.push(() => deps.close());
    const ctx = await makeOwner(deps);
    const orgId = ctx.actor.kind === 'visitor' ? '' : ctx.actor.orgId;
    const startProcess = (name: string, script: string, more: Record<string, string> = {}) => {
      const started = run(name, script, { ...childEnv, ...more });
      running.push(started);
      return started;
    };

    return {
      deps,
      config,
      ctx,
      orgId,
      ownerUrl: postgres.url,
      postgres: () => postgres,
      temporal: () => temporal,
      async restartPostgres() {
        postgres = await startPostgres({ dir: postgresDir, port: postgres.port, onSpawn });
      },
      async restartTemporal() {
        temporal = await start({ dir: temporalDir, port: temporalPort, postgres, log });
      },
      startWorker: (more) => startProcess('worker', 'worker/main.ts', more),
      async startApi(chosenPort) {
        await buildDashboard();
        const port = chosenPort ?? (await findFreePort());
        const api = startProcess('api', 'api/main.ts', { PORT: String(port) });
        const url = `http://127.0.0.1:${port}`;
        const isReady = async () => (await fetch(`${url}/readyz`)).ok;
        const ready = until('the api is ready', isReady, { seconds: 180, context: api.log });
        const ended = api.ended.then((code) => Promise.reject(new Error(`The api ended (${code}):\n${api.log()}`)));
        await Promise.race([ready, ended]).catch(async (error: unknown) => {
          await api.end();
          throw error;
        });
        return { ...api, url };
      },
      async connect(url) {
        const { serverId, probe } = await connectServer(ctx, {
          name: 'Example shop',
          transport: 'streamable_http',
          url,
          auth: { kind: 'none' },
        });
        if (serverId === null) throw new Error(`The server was not connected: ${JSON.stringify(probe)}`);
        return serverId;
      },
      async workflow(serverId, { name, prompt, criteria, testerModel = 'builtin/scripted' }) {
        const { workflow } = await createWorkflow(ctx, {
          definition: {
            name,
            serverId,
            testerModels: [testerModel],
            judgeModel: 'builtin/assertions',
            prompt,
            criteria,
          },
        });
        return workflow.id;
      },
      async dispatch(workflowId, key = newId()) {
        const { runs } = await dispatchRun(ctx, { workflowId, idempotencyKey: key });
        const [dispatched] = runs;
        if (!dispatched) throw new Error('Nothing was dispatched.');
        return dispatched.runId;
      },
      async finished(runId, seconds = 45) {
        const context = () => running.map(({ name, pid, log: lines }) => `${name} ${pid}: ${lines()}`).join('\n');
        const ended = () => deps.db.run.findFirst({ where: { orgId, id: runId, finishedAt: { not: null } } });
        const row = await until(`run ${runId} ends`, async () => (await ended()) ?? undefined, { seconds, context });
        return z.enum(runStatuses).parse(row.status);
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** A server is detached, so it would outlive a harness that is ended before it can stop it. 0: there is none yet. */
function endWith(getPid: () => number): void {
  process.once('exit', () => {
    const pid = getPid();
    if (pid === 0) return;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended already, as it should.
    }
  });
}

async function makeOwner(deps: Deps): Promise<Context> {
  const orgId = newId();
  const userId = newId();
  await deps.db.organization.create({ data: { id: orgId, slug: 'faults', name: 'Faults' } });
  await deps.db.user.create({ data: { id: userId, name: 'Owner', email: 'owner@armature.test' } });
  await deps.db.member.create({ data: { orgId, userId, role: 'owner' } });
  return { deps, actor: { kind: 'member', id: userId, orgId, role: 'owner' }, requestId: newId() };
}
