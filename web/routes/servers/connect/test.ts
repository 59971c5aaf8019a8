import { isArmatureError } from '../../../../domain/error/error.ts';
import { probeServer } from '../../../../services/server/probe.ts';
import { toProbeView } from '../../../../services/server/view.ts';
import { toProblem } from '../../../shell/problem.ts';
import { memberAction } from '../../../shell/route.server.ts';
import { readTarget } from './target.server.ts';
import type { TestLine } from './use-test.ts';

/**
 * Tests a connection, and says how it proceeds: a line of JSON per step, the result last. It ends when the reader
 * cancels.
 */
export const action = memberAction(async ({ ctx, form, request }) => {
  const target = readTarget(form);
  const encoder = new TextEncoder();
  let write: (line: TestLine) => void = () => {};
  const lines = new ReadableStream<Uint8Array>({
    start(controller) {
      write = (line) => {
        if (!request.signal.aborted) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      };
      void probe().then(
        () => (request.signal.aborted ? undefined : controller.close()),
        (error: unknown) => {
          ctx.deps.log.error({ err: error, requestId: ctx.requestId }, 'the test of a connection failed');
          controller.error(error);
        },
      );
    },
  });

  async function probe(): Promise<void> {
    try {
      const { probe } = await probeServer(ctx, {
        ...target,
        signal: request.signal,
        onStep: (step) => write({ kind: 'step', ...step }),
      });
      write({ kind: 'probe', probe: toProbeView(probe) });
    } catch (error) {
      if (request.signal.aborted) return;
      if (!isArmatureError(error)) throw error;
      write({ kind: 'problem', problem: toProblem(error, ctx.requestId) });
    }
  }

  return new Response(lines, {
    headers: { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store, no-transform' },
  });
});
