import { findFreePort } from '../port.ts';

/** The ports of deploy/temporal/server.yaml. The first one is that of the gRPC service. */
export const portVariables: readonly string[] = [
  'TEMPORAL_PORT',
  'TEMPORAL_HTTP_PORT',
  'TEMPORAL_FRONTEND_MEMBERSHIP_PORT',
  'TEMPORAL_HISTORY_PORT',
  'TEMPORAL_HISTORY_MEMBERSHIP_PORT',
  'TEMPORAL_MATCHING_PORT',
  'TEMPORAL_MATCHING_MEMBERSHIP_PORT',
  'TEMPORAL_WORKER_PORT',
  'TEMPORAL_WORKER_MEMBERSHIP_PORT',
];

/** Ports that are free now, all of them different, and small enough for the column in which the server keeps them. */
export async function findPorts(): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < portVariables.length) found.add(await findFreePort());
  return [...found];
}
