import { randomUUID } from 'node:crypto';
import { isGrpcServiceError } from '@temporalio/client';
import { maxClockSkewMs } from '../../../domain/values/clock.ts';
import type { Config } from '../../../infra/config/index.ts';
import type { Temporal } from '../../../infra/temporal/index.ts';
import { describeUnhosted } from '../../../services/installation/unhosted-queues.ts';
import { type Finding, ok, problem, toReason, warning } from './finding.ts';
import { findSocketProblem } from './temporal-socket.ts';

const deadlineMs = 5000;
/** The oldest version that the tests have run with. */
const testedWith = [1, 29] as const;

/** Whether Temporal answers, what it is, and whether its clock and this machine's agree. */
export async function examineTemporal(config: Config, temporal: Temporal): Promise<Finding[]> {
  const { address, namespace } = config.temporal;
  const unreachable = await findSocketProblem(config.temporal);
  if (unreachable) return [problem(`Temporal can't be reached at ${address}: ${unreachable.reason}`, unreachable.todo)];
  const { client } = temporal;
  const ask = <T>(work: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + deadlineMs, work);
  const findings: Finding[] = [];
  try {
    const { serverVersion } = await ask(() => client.workflowService.getSystemInfo({}));
    findings.push(describeVersion(address, serverVersion ?? ''));
    await ask(() => client.workflowService.describeNamespace({ namespace }));
  } catch (error) {
    return [
      ...findings,
      problem(
        `Temporal at ${address} doesn't answer for the namespace "${namespace}": ${toReason(error)}`,
        isRefused(error)
          ? 'Check TEMPORAL_API_KEY or the client certificate, and whether it may use TEMPORAL_NAMESPACE.'
          : 'Check TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE; create the namespace if it is missing.',
      ),
    ];
  }
  findings.push(await examineWorkers(temporal), await examineClock(config, temporal));
  return findings;
}

/** gRPC's codes PERMISSION_DENIED and UNAUTHENTICATED. */
const isRefused = (error: unknown): boolean => isGrpcServiceError(error) && (error.code === 7 || error.code === 16);

function describeVersion(address: string, version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const text = `Temporal ${version} answers at ${address}`;
  return major > testedWith[0] || (major === testedWith[0] && minor >= testedWith[1])
    ? ok(text)
    : warning(text, `Armature was tested with ${testedWith.join('.')} and later. Upgrade Temporal.`);
}

/** Whether every queue has a worker. */
export async function examineWorkers(temporal: Temporal): Promise<Finding> {
  try {
    const found = describeUnhosted(await temporal.listUnhostedQueues());
    return found ? problem(found.problem, found.todo) : ok('Workers host every queue');
  } catch (error) {
    return problem(`The workers can't be listed: ${toReason(error)}`, "Check the permissions of Temporal's namespace.");
  }
}

/** Creates a paused Schedule that starts nothing, because its creation has a time by Temporal's clock. */
async function examineClock({ installation }: Config, { client }: Temporal): Promise<Finding> {
  const ask = <T>(work: () => Promise<T>): Promise<T> => client.withDeadline(Date.now() + deadlineMs, work);
  const scheduleId = `${installation}doctor/${randomUUID()}`;
  try {
    const before = Date.now();
    const schedule = await ask(() =>
      client.schedule.create({
        scheduleId,
        spec: {},
        action: { type: 'startWorkflow', workflowType: 'none', taskQueue: 'none', args: [] },
        state: { paused: true, note: 'armature: reads the clock' },
      }),
    );
    try {
      const { info } = await ask(() => schedule.describe());
      return describeSkew('Temporal', info.createdAt.getTime(), before, Date.now());
    } finally {
      await ask(() => schedule.delete());
    }
  } catch (error) {
    return warning(`Temporal's clock can't be read: ${toReason(error)}`, 'Start npm run doctor again.');
  }
}

/** @param at what the clock showed between `from` and `until` of this machine's */
export function describeSkew(whose: string, at: number, from: number, until: number): Finding {
  const skewMs = at < from ? at - from : at > until ? at - until : 0;
  const seconds = (Math.abs(skewMs) / 1000).toFixed(1);
  const text = `${whose}'s clock is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  const todo = 'Synchronize the clocks of all machines by NTP: checks, schedules and alerts depend on them.';
  if (Math.abs(skewMs) >= maxClockSkewMs) return problem(text, todo);
  return Math.abs(skewMs) >= 2000 ? warning(text, todo) : ok(`${whose}'s clock agrees with this machine's`);
}
