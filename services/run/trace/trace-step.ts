import { z } from 'zod';
import type { ToolCall, TraceEvent } from '../../../domain/run/run.ts';
import { givenId } from '../../../domain/values/id.ts';
import { loadSnapshot } from '../../catalog/snapshot.ts';
import { useCase } from '../../context/use-case.ts';
import { runNotFound } from '../errors.ts';
import { loadEvents, toToolCall } from '../execution/transcript.ts';

export type TraceStep = {
  event: TraceEvent | null;
  call: ToolCall | null;
  /** The call's tool as the run saw it; null if that is not known. */
  tool: { inputSchema: unknown; outputSchema: unknown } | null;
  /** Of a connection: the offered tools that are Armature's, not the server's. */
  ownTools: string[];
};

/**
 * One event of a run with all that was said in it, and the call that it is about.
 * @throws ArmatureError `run_not_found`
 */
export const getTraceStep = useCase({
  name: 'run.trace_step',
  access: 'viewer',
  input: z.object({ runId: givenId, seq: z.int().min(0).max(1_000_000_000) }),
  async run({ db, orgId }, { runId, seq }): Promise<TraceStep> {
    const run = await db.run.findFirst({
      where: { orgId, id: runId },
      select: { serverId: true, catalogHash: true },
    });
    if (!run) throw runNotFound();
    const [found] = await loadEvents(db, { orgId, runId, afterSeq: seq - 1, take: 1 });
    const event = found?.seq === seq ? found : null;
    const row =
      event && 'index' in event ? await db.toolCall.findFirst({ where: { orgId, runId, index: event.index } }) : null;
    const isConnection = event?.type === 'connected';
    const seen =
      row || isConnection ? await loadSnapshot(db, { orgId, serverId: run.serverId, hash: run.catalogHash }) : null;
    const tool = seen?.find(({ name }) => name === row?.tool);
    const names = new Set(seen?.map(({ name }) => name));
    return {
      event,
      call: row && toToolCall(row),
      tool: tool ? { inputSchema: tool.inputSchema, outputSchema: tool.outputSchema ?? null } : null,
      ownTools: isConnection && seen ? event.offered.filter((name) => !names.has(name)) : [],
    };
  },
});
