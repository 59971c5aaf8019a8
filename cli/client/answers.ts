import { z } from 'zod';

/** What the command reads of the server's answers. The rest is passed on with `--json`. */

const text = z.string();
const page = <T extends z.ZodType>(row: T) => z.looseObject({ rows: z.array(row), nextCursor: text.nullable() });

export const workspaceAnswer = z.looseObject({
  organization: z.looseObject({ slug: text, name: text }),
  actor: z.looseObject({ apiKeyName: text.nullable(), role: text.nullable(), email: text.nullable() }),
});

export const workflowsAnswer = page(
  z.looseObject({
    id: text,
    slug: text,
    name: text,
    tags: z.array(text),
    serverName: text,
    state: text,
    scheduleLabel: text,
    passRate7d: z.number().nullable(),
    lastRun: z.looseObject({ status: text }).nullable(),
  }),
);

export const monitorsAnswer = page(
  z.looseObject({
    id: text,
    slug: text,
    name: text,
    serverName: text,
    tool: text,
    intervalSeconds: z.number(),
    state: text,
    health: z.looseObject({ outcome: text, latencyMs: z.number().nullable() }).nullable(),
    uptime: z.looseObject({ uptime: z.number().nullable() }),
  }),
);

export const incidentsAnswer = page(
  z.looseObject({
    id: text,
    subject: z.looseObject({ kind: text, name: text }),
    serverName: text.nullable(),
    level: text,
    summary: text,
    state: text,
    openedAt: text,
    failureCount: z.number(),
  }),
);

export const serversAnswer = page(z.looseObject({ id: text, name: text, url: text }));

const runError = z.looseObject({ kind: text, message: text }).nullable();

export const runsAnswer = page(
  z.looseObject({
    id: text,
    workflowName: text,
    model: text,
    status: text,
    flagged: z.boolean(),
    error: runError,
    createdAt: text,
    durationMs: z.number().nullable(),
    cost: z.number().nullable(),
  }),
);

export const startedRunsAnswer = z.looseObject({
  workflowId: text,
  runs: z.array(z.looseObject({ runId: text, model: text, status: text })),
  warnings: z.array(z.looseObject({ message: text })),
});

export const runAnswer = z.looseObject({
  run: z.looseObject({
    id: text,
    workflowName: text,
    model: text,
    status: text,
    flagged: z.boolean(),
    error: runError,
    durationMs: z.number().nullable(),
    callCount: z.number(),
    cost: z.number().nullable(),
  }),
  finalAnswer: text.nullable().optional(),
  criteria: z.array(z.looseObject({ text, verdict: text, rationale: text.optional(), isRequired: z.boolean() })),
  calls: z.array(
    z.looseObject({ id: text, tool: text, outcome: text, error: text.optional(), latencyMs: z.number().optional() }),
  ),
  nextCursor: text.nullable(),
});

export const coverageAnswer = z.looseObject({
  serverName: text,
  tools: z.array(z.looseObject({ tool: text, covered: z.boolean() })),
});

export const diagnosisAnswer = z.looseObject({
  run: z.looseObject({ status: text }),
  causes: z.array(
    z.looseObject({ summary: text, remediation: text, confidence: z.number(), decision: text.optional() }),
  ),
});

export const comparisonAnswer = z.looseObject({
  status: z.looseObject({ before: text, after: text, change: text }),
  criteria: z.array(z.looseObject({ text, change: text, rationale: text.optional() })),
  unchangedPasses: z.number(),
  callSequence: z.array(z.looseObject({ op: text, tool: text })),
});

export const planAnswer = z.object({
  changes: z.array(
    z.object({
      kind: text,
      id: text,
      name: text,
      action: z.enum(['create', 'change', 'archive']),
      field: text.nullable(),
      baseVersion: text.nullable(),
      properties: z.array(z.object({ name: text, before: z.unknown(), after: z.unknown() })),
    }),
  ),
  notInFiles: z.array(z.object({ kind: text, id: text, name: text })),
  warnings: z.array(z.looseObject({ message: text, field: text.optional() })),
  token: text,
});
export type Plan = z.infer<typeof planAnswer>;
export const appliedAnswer = planAnswer.omit({ token: true });
