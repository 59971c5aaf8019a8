import type { TraceEvent } from '../domain/run/run.ts';
import type { RetryPolicy, ToolPolicy } from '../domain/workflow/definition.ts';
import type { Clock } from './clock.ts';
import { describeTargetFailure, toRequestFailure } from './describe-failure.ts';
import { targetErrorKind } from './failure.ts';
import { type ConnectTarget, isTargetError, type Recorder, type Target } from './ports.ts';
import { type Sleep, withRetries } from './retry.ts';
import { Stop } from './stop.ts';
import { createToolList, type ToolList, type ToolListInput } from './tool-list.ts';

/** The run's connection to its server, which can be opened again after a loss. */
export type Session = {
  toolList(): ToolList;
  /** @throws Stop `unreachable`, `auth`, `protocol` or `misconfigured` */
  connect(): Promise<void>;
  /** `keep`: leaves the server's session open, because another attempt continues in it. */
  close(options: { keep: boolean }): Promise<void>;
};

export function createSession({
  connect,
  recorder,
  clock,
  toolPolicy,
  retryPolicy,
  repeatable,
  checkOutput,
  sleep,
  onCatalog,
  recorded,
}: ToolListInput & {
  connect: ConnectTarget;
  recorder: Recorder;
  clock: Clock;
  toolPolicy: ToolPolicy;
  retryPolicy: RetryPolicy;
  sleep: Sleep;
  onCatalog: (target: Pick<Target, 'tools' | 'catalog'>) => Promise<void> | void;
  recorded: readonly TraceEvent[];
}): Session {
  const last = recorded.findLast((event) => event.type === 'connected');
  let sessionId = last?.type === 'connected' ? last.sessionId : undefined;
  let again = last !== undefined;
  let open: { target: Target; offer: ToolList } | null = null;

  // The connection may be broken already, so a failure to close it doesn't matter.
  const closeTarget = (target: Target, keep: boolean) =>
    target.close(keep ? { keepSession: true } : {}).catch(() => undefined);

  return {
    toolList() {
      if (!open) throw new Error('The session is not connected.');
      return open.offer;
    },
    async connect() {
      if (open) {
        // The session is lost, so there is none to end.
        await closeTarget(open.target, true);
        open = null;
        sessionId = undefined;
      }
      const asked = sessionId;
      const target = await openTarget(
        () => connect({ signal: clock.signal, ...(asked === undefined ? {} : { sessionId: asked }) }),
        { recorder, clock, retryPolicy, sleep },
      );
      const offer = createToolList(target, { policy: toolPolicy, repeatable, checkOutput });
      open = { target, offer };
      sessionId = target.sessionId;
      await onCatalog(target);
      if (asked !== undefined && target.resumed) return;
      await recorder.append({
        type: 'connected',
        server: target.server,
        protocolVersion: target.protocolVersion,
        ...(target.sessionId === undefined ? {} : { sessionId: target.sessionId }),
        offered: offer.names,
        again,
      });
      again = true;
    },
    async close({ keep }) {
      if (open) await closeTarget(open.target, keep);
      open = null;
    },
  };
}

async function openTarget(
  dial: () => Promise<Target>,
  { recorder, clock, retryPolicy, sleep }: { recorder: Recorder; clock: Clock; retryPolicy: RetryPolicy; sleep: Sleep },
): Promise<Target> {
  clock.check();
  try {
    const attempted = await withRetries({
      work: () => {
        recorder.assertCurrent();
        return dial();
      },
      policy: retryPolicy,
      signal: clock.signal,
      sleep,
      msLeft: clock.msLeft,
      onRetry: async (retry) => {
        await recorder.append({ type: 'retry', of: 'connect', ...retry });
      },
    });
    if (attempted.ok) return attempted.value;
    const { error, note } = attempted;
    if (!isTargetError(error)) throw error;
    throw new Stop({
      type: 'error',
      kind: targetErrorKind(error),
      message: `${describeTargetFailure(error)}${note} ${error.remediation}`,
      failure: toRequestFailure(error),
    });
  } catch (error) {
    // A server that doesn't accept a connection within the run's time is an outage, not a result of the agent.
    if (clock.signal.aborted && !clock.isCanceled() && !(error instanceof Stop))
      throw new Stop({
        type: 'error',
        kind: 'unreachable',
        message: "The server could not be connected to within the run's time limit.",
      });
    if (clock.signal.aborted) clock.check();
    throw error;
  }
}
