import './quiet-runtime.ts';
import type { Deps } from '../../../services/context/context.ts';
import { type RunningWorker, startWorker } from '../../../worker/start.ts';

/** A worker in this process that carries out what the test starts, and nothing on its own. */
export const startTestWorker = (deps: Deps): Promise<RunningWorker> =>
  startWorker(deps, deps.config, { reconcile: false });
