import { ArmatureError } from '../../domain/error/error.ts';
import type { RunStatus } from '../../domain/run/run.ts';
import { fieldError } from '../context/errors.ts';

/** A field of an input that names a run. */
export type RunField = 'runId' | 'baselineRunId' | 'candidateRunId';

export const runNotFound = (field: RunField = 'runId'): ArmatureError =>
  fieldError('run_not_found', field, 'There is no such run in this workspace.', 'List the runs to find the right id.');

export const runNotTerminal = (runId: string, status: RunStatus): ArmatureError =>
  new ArmatureError(
    'run_not_terminal',
    `The run ${runId} is still ${status}.`,
    'Wait until it has ended; inspect_run shows how far it is.',
    { runId, status },
  );
