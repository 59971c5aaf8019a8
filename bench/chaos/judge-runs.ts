import type { RecordedCall } from '../../examples/shop-server/index.ts';
import type { Request } from './load.ts';
import { findRepeated, type Promised } from './promise.ts';

export type RunEvidence = {
  id: string;
  workflowId: string;
  model: string;
  trigger: string;
  status: string;
  errorKind: string | null;
  errorMessage: string | null;
  idempotencyKey: string | null;
  scheduledAt: Date | null;
  finishedAt: Date | null;
  finalAnswers: number;
  interruptedCalls: number;
};

/** Tools of the shop that must not be called again without being asked to. */
const notIdempotent: ReadonlySet<string> = new Set(['create_order', 'refund_order']);

/** @param of.executions ids of the Temporal workflows of runs, one for each execution */
export function judgeRuns(of: {
  requests: readonly Request[];
  runs: readonly RunEvidence[];
  executions: readonly string[];
  calls: readonly RecordedCall[];
  /** The workflow whose server is meant to fail. */
  statusId: string;
}): Promised[] {
  const { requests, runs, executions, calls, statusId } = of;
  const byId = new Map(runs.map((run) => [run.id, run]));
  const acknowledged = requests.flatMap(({ runIds }) => runIds.flat());
  const isFair = ({ workflowId, status, errorKind, interruptedCalls }: RunEvidence) =>
    status === 'pass' ||
    (status === 'error' && errorKind === 'abandoned' && interruptedCalls > 0) ||
    (status === 'fail' && workflowId === statusId);
  return [
    {
      name: 'acknowledged runs lost, or not ended',
      broken: [...new Set(acknowledged)].filter((id) => !byId.get(id)?.finishedAt),
    },
    { name: 'runs of schedules not ended', broken: runs.filter((run) => !run.finishedAt).map(describe) },
    {
      name: 'runs doubled',
      broken: [
        ...requests.flatMap(({ key, runIds }) =>
          new Set(runIds.flat()).size > 1 ? [`the key ${key} was answered with ${[...new Set(runIds.flat())]}`] : [],
        ),
        ...findRepeated(runs, ({ workflowId, model, scheduledAt, idempotencyKey, id }) =>
          [workflowId, model, scheduledAt?.toISOString() ?? idempotencyKey ?? id].join(' '),
        ).map(([key, group]) => `${group.length} runs of ${key}`),
        ...findRepeated(executions, (id) => id).map(([id, group]) => `${group.length} executions of ${id}`),
        ...runs.filter(({ finalAnswers }) => finalAnswers > 1).map((run) => `${describe(run)}: several final answers`),
      ],
    },
    {
      name: 'non-idempotent calls repeated',
      broken: findRepeated(
        calls.filter(({ tool }) => notIdempotent.has(tool)),
        ({ tool, reference, arguments: args }) => `${tool} ${reference} ${JSON.stringify(args)}`,
      ).map(([call, group]) => `${group.length} times ${call}`),
    },
    {
      name: 'runs ended otherwise than passed, or abandoned after an interrupted call',
      broken: runs.filter((run) => run.finishedAt && !isFair(run)).map(describe),
    },
  ];
}

const describe = ({ id, workflowId, trigger, status, errorKind, errorMessage }: RunEvidence): string =>
  `${trigger} run ${id} of ${workflowId}: ${status} ${errorKind ?? ''} ${errorMessage ?? ''}`;
