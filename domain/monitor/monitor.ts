import { z } from 'zod';

/** How often a monitor calls its tool, in seconds. */
export const monitorIntervals = [60, 300, 900, 3600] as const;
export type MonitorInterval = (typeof monitorIntervals)[number];

export const monitorStates = ['active', 'paused', 'archived'] as const;
export type MonitorState = (typeof monitorStates)[number];

/**
 * `pass`: an answer without `isError`; `degraded`: the same, but too slow or with an unmet assertion; `fail`: an answer
 * with `isError`; `error`: no MCP result.
 */
export const checkOutcomes = ['pass', 'degraded', 'fail', 'error'] as const;
export type CheckOutcome = (typeof checkOutcomes)[number];

/**
 * Why a check has no MCP result. `unreachable`: no connection, or a blocked address; `protocol`: something other than
 * MCP answers; `malformed`: JSON-RPC whose content isn't MCP; `rpc_error`: such as an unknown tool; `input_required`:
 * the tool asks for input that a monitor can't give; `misconfigured`: the monitor can't be carried out as it is saved;
 * `not_reached`: the batch ended before this monitor's call, which says nothing about the server.
 */
export const checkErrorKinds = [
  'unreachable',
  'timeout',
  'http_status',
  'auth',
  'protocol',
  'malformed',
  'rpc_error',
  'input_required',
  'too_large',
  'misconfigured',
  'not_reached',
] as const;
export type CheckErrorKind = (typeof checkErrorKinds)[number];

/** Errors of checks that were never sent, so that they say nothing about the server. */
export const unsentErrorKinds: ReadonlySet<CheckErrorKind> = new Set(['not_reached', 'misconfigured']);

export const monitorInterval = z.literal(monitorIntervals);
