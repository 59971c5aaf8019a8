import { ArmatureError } from '../../domain/error/error.ts';
import type { RunStatus } from '../../domain/run/run.ts';

export const runNotFound = (runId: string): ArmatureError =>
  new ArmatureError(
    'run_not_found',
    `There is no run ${runId} in this workspace.`,
    'List the runs to find the right id.',
  );

export const runNotTerminal = (runId: string, status: RunStatus): ArmatureError =>
  new ArmatureError(
    'run_not_terminal',
    `The run ${runId} is still ${status}.`,
    'Wait until it has ended; inspect_run shows how far it is.',
    { runId, status },
  );
