import type { CheckErrorKind, CheckOutcome } from '../../../domain/monitor/monitor.ts';

const kinds: { [kind in CheckErrorKind]: string } = {
  unreachable: 'could not be reached',
  timeout: 'no answer in time',
  http_status: 'unexpected HTTP status',
  auth: 'credentials refused',
  protocol: 'the answer is not MCP',
  malformed: 'malformed answer',
  rpc_error: 'JSON-RPC error',
  input_required: 'asks for input',
  too_large: 'the answer is too large',
  misconfigured: 'cannot be carried out as it is saved',
  not_reached: 'not reached in time',
};
export const errorKindLabels = (kind: CheckErrorKind): string => kinds[kind];

const intervals: { [seconds: number]: string } = {
  60: 'Every minute',
  300: 'Every 5 minutes',
  900: 'Every 15 minutes',
  3600: 'Every hour',
};
export const intervalLabels = (seconds: number): string => intervals[seconds] ?? `Every ${seconds} s`;

export const rangeLabels = { '24h': '24 hours', '7d': '7 days', '30d': '30 days' } as const;

export type ListedCheck = {
  at: string;
  key: string | null;
  outcome: CheckOutcome;
  errorKind: CheckErrorKind | null;
  latencyMs: number | null;
  resultBytes: number | null;
  degradedBy: string[];
  attempts: number;
  maintenance: boolean;
};

/** A check in an address: its time, and its key if it was requested. */
export const toCheckId = ({ at, key }: Pick<ListedCheck, 'at' | 'key'>): string =>
  encodeURIComponent(key === null ? at : `${at}~${key}`);
