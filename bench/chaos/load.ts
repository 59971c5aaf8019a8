import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '../../services/context/ids.ts';
import { checkMonitorsNow } from '../../services/monitor/check-now.ts';
import { createRandom, pickFrom } from '../../tests/support/random.ts';
import { callTool, runList } from '../mcp/rpc.ts';
import type { Cluster } from './cluster.ts';
import type { Setup } from './setup.ts';

/** What a caller asked for under a key of its own, and what it was told. */
export type Request = {
  key: string;
  /** The workflow or monitor. */
  subjectId: string;
  /** What each answer said; more than one when the request was sent twice. Empty: it was never acknowledged. */
  runIds: string[][];
  isAcknowledged: boolean;
};

export type Load = {
  runs: Request[];
  checks: Request[];
  /** Requests that failed and were sent again with their key. */
  failures(): number;
  /** Starts nothing more. @returns once every request has been acknowledged, or given up after a minute */
  stop(): Promise<void>;
};

const pauseMs = { run: 2500, check: 4000 };
/** More would only wait for workers that are starting. */
const maxOpenRuns = 12;
/** Share of requests that are sent to both api processes at once, as callers do that lost patience. */
const twiceShare = 0.2;
const patienceMs = 60_000;

/**
 * Asks for runs, through either api process, and for checks, until it is stopped. As a careful caller does, it repeats
 * a request with its key until that is acknowledged.
 */
export function startLoad({ stack, apiUrls }: Cluster, setup: Setup, seed: number): Load {
  const next = createRandom(seed);
  const runs: Request[] = [];
  const checks: Request[] = [];
  const open = new Set<Promise<void>>();
  let isStopped = false;
  let failures = 0;

  const persist = async (work: (attempt: number) => Promise<void>): Promise<void> => {
    const deadline = performance.now() + patienceMs * 5;
    for (let attempt = 0; performance.now() < deadline; attempt += 1)
      try {
        return await work(attempt);
      } catch {
        failures += 1;
        await delay(300);
      }
  };
  const requestRun = async (request: Request, first: number): Promise<void> =>
    persist(async (attempt) => {
      const url = `${apiUrls[(first + attempt) % apiUrls.length]}/api/mcp`;
      const args = { workflowId: request.subjectId, reason: 'chaos', idempotencyKey: request.key };
      const answer = runList
        .pick({ runs: true })
        .parse(await callTool({ url, key: setup.apiKey }, 'run_workflow_now', args));
      request.runIds.push(answer.runs.map(({ runId }) => runId));
      request.isAcknowledged = true;
    });
  const requestCheck = (request: Request): Promise<void> =>
    persist(async () => {
      await checkMonitorsNow(stack.ctx, { monitorIds: [request.subjectId], key: request.key });
      request.isAcknowledged = true;
    });

  const begin = (work: Promise<void>) => {
    const ended = work.finally(() => open.delete(ended));
    open.add(ended);
  };
  const repeat = async (everyMs: number, work: () => void | Promise<void>) => {
    while (!isStopped) {
      await work();
      await delay(everyMs * (0.5 + next()));
    }
  };
  /** False as well while the database is down: requests of that time are what this is about. */
  const isBusy = async (): Promise<boolean> => {
    const where = { orgId: stack.orgId, finishedAt: null };
    return stack.deps.db.run.count({ where }).then(
      (count) => count >= maxOpenRuns,
      () => false,
    );
  };
  const loops = [
    repeat(pauseMs.run, async () => {
      if (await isBusy()) return;
      const request = newRequest(pickFrom(next, setup.manualIds));
      runs.push(request);
      const first = next() < 0.5 ? 0 : 1;
      begin(requestRun(request, first));
      if (next() < twiceShare) begin(requestRun(request, first + 1));
    }),
    repeat(pauseMs.check, () => {
      const request = newRequest(pickFrom(next, setup.monitorIds));
      checks.push(request);
      begin(requestCheck(request));
    }),
  ];
  return {
    runs,
    checks,
    failures: () => failures,
    async stop() {
      isStopped = true;
      await Promise.all(loops);
      await Promise.race([Promise.all(open), delay(patienceMs)]);
    },
  };
}

const newRequest = (subjectId: string): Request => ({ key: newId(), subjectId, runIds: [], isAcknowledged: false });
