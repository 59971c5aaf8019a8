import type { Client } from '@modelcontextprotocol/client';
import { z } from 'zod';

const cause = z.looseObject({ kind: z.string(), summary: z.string() });
export type Cause = z.infer<typeof cause>;

const answers = {
  search: z.looseObject({ runs: z.array(z.looseObject({ runId: z.string() })) }),
  diagnosis: z.looseObject({
    causes: z.array(cause),
    suggestedChange: z.record(z.string(), z.unknown()).nullish(),
    workflow: z.looseObject({ workflowId: z.string(), activeVersionId: z.string() }),
  }),
  proposal: z.looseObject({ proposalId: z.string(), warnings: z.array(z.looseObject({ code: z.string() })) }),
  applied: z.looseObject({ workflowId: z.string() }),
  dispatched: z.looseObject({ runs: z.array(z.looseObject({ runId: z.string(), status: z.string() })) }),
};

export type Diagnosis = { runId: string; causes: readonly Cause[]; change: Record<string, unknown> | null };
export type Ran = { runId: string; status: string };
export type Repair = Diagnosis & {
  /** The run with the change; null where none was suggested. */
  rerun: (Ran & { warnings: readonly string[]; comparison: string }) | null;
  spent: Spent;
};
export type Spent = { calls: number; tokens: number };

/** A tool result with `isError`. */
export class ToolFailure extends Error {
  override readonly name = 'ToolFailure';
}

/**
 * An agent without a model: it follows the advice that the tools give, and nothing else. It knows the id of a workflow,
 * as from an alert.
 */
export function createAgent(client: Client) {
  let spent: Spent = { calls: 0, tokens: 0 };

  async function call<T>(name: string, args: Record<string, unknown>, answer: z.ZodType<T>): Promise<T> {
    const { content, structuredContent, isError } = await client.callTool(
      { name, arguments: args },
      { timeout: 200_000 },
    );
    const text = content.map((block) => (block.type === 'text' ? block.text : '')).join('\n');
    // About four characters a token, of what a model writes and reads.
    const tokens = Math.ceil((JSON.stringify(args).length + text.length) / 4);
    spent = { calls: spent.calls + 1, tokens: spent.tokens + tokens };
    if (isError) throw new ToolFailure(text);
    return answer.parse(structuredContent);
  }

  async function run(workflowId: string, reason: string, baseline?: string): Promise<Ran> {
    const { runs } = await call(
      'run_workflow_now',
      {
        workflowId,
        reason,
        forceNewRun: true,
        wait: true,
        waitSeconds: 120,
        ...(baseline !== undefined && { baselineRunId: baseline }),
      },
      answers.dispatched,
    );
    const [first] = runs;
    if (!first) throw new Error('Nothing ran.');
    return { runId: first.runId, status: first.status };
  }

  return {
    run,

    /** Repairs the latest failed run of a workflow, as far as a change is suggested. */
    async repair(workflowId: string): Promise<Repair> {
      spent = { calls: 0, tokens: 0 };
      const { runs } = await call(
        'search_runs',
        { workflowId, status: ['fail', 'partial', 'error'], limit: 1 },
        answers.search,
      );
      const [failed] = runs;
      if (!failed) throw new Error('search_runs finds no failed run.');
      const { runId } = failed;
      const { causes, suggestedChange, workflow } = await call('diagnose_run', { runId }, answers.diagnosis);
      const change = suggestedChange ?? null;
      if (change === null) return { runId, causes, change, rerun: null, spent };
      const { proposalId, warnings } = await call(
        'propose_workflow_patch',
        {
          workflowId,
          baseVersionId: workflow.activeVersionId,
          rationale: causes[0]?.summary ?? 'The run failed.',
          changes: change,
        },
        answers.proposal,
      );
      await call('apply_workflow_change', { proposalId }, answers.applied);
      const rerun = await run(workflowId, 'Check the repair', runId);
      const comparison = await call(
        'compare_runs',
        { baselineRunId: runId, candidateRunId: rerun.runId },
        z.looseObject({ status: z.looseObject({ change: z.string() }) }),
      );
      return {
        runId,
        causes,
        change,
        rerun: { ...rerun, warnings: warnings.map(({ code }) => code), comparison: comparison.status.change },
        spent,
      };
    },

    /** Drafts a workflow that tests for the failure of a run, and applies it. @returns its id */
    async pin(runId: string): Promise<string> {
      const { proposalId } = await call(
        'draft_regression_workflow_from_run',
        { runId, rationale: 'Notice it when this comes back.' },
        answers.proposal,
      );
      return (await call('apply_workflow_change', { proposalId }, answers.applied)).workflowId;
    },
  };
}
