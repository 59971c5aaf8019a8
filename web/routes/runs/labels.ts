import type { CallOutcome, RunErrorKind, RunLimit, Trigger } from '../../../domain/run/run.ts';
import type { Status } from '../../ui/base/status-chip.tsx';

export const triggerLabels: { [trigger in Trigger]: string } = { scheduled: 'Schedule', manual: 'Manual' };

export const errorKindLabels: { [kind in RunErrorKind]: string } = {
  unreachable: 'Server unreachable',
  auth: 'Credentials refused',
  protocol: 'Protocol error',
  model: 'Model failed',
  judge: 'Judge failed',
  budget: 'Budget reached',
  canceled: 'Canceled',
  abandoned: 'Worker lost',
  misconfigured: 'Cannot run as configured',
  limit: 'Limit reached',
};

export const limitLabels: { [limit in RunLimit]: string } = {
  turns: 'model turns',
  toolCalls: 'tool calls',
  seconds: 'seconds',
  tokens: 'tokens',
};

/** `isProblem`: what the filter "Errors only" keeps. */
export const outcomeLabels: { [outcome in CallOutcome]: { status: Status; text: string; isProblem: boolean } } = {
  started: { status: 'running', text: 'Waiting', isProblem: false },
  ok: { status: 'pass', text: 'OK', isProblem: false },
  tool_error: { status: 'fail', text: 'Tool error', isProblem: true },
  rpc_error: { status: 'fail', text: 'JSON-RPC error', isProblem: true },
  timeout: { status: 'fail', text: 'Timed out', isProblem: true },
  transport_error: { status: 'fail', text: 'Connection failed', isProblem: true },
  blocked: { status: 'fail', text: 'Blocked by policy', isProblem: true },
  not_offered: { status: 'partial', text: 'Not offered', isProblem: true },
  interrupted: { status: 'canceled', text: 'Interrupted', isProblem: true },
};
