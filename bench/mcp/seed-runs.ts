import { Client } from 'pg';

export type SeededRuns = {
  /** One of the twenty workflows that have most of the runs, and its server. */
  workflowId: string;
  serverId: string;
  /** A workflow with one run in 10,000, all `partial`, and its server, which has no other workflow. */
  rareWorkflowId: string;
  rareServerId: string;
  /** The rare one is first, here and in `serverIds`. */
  workflowIds: string[];
  serverIds: string[];
};

/**
 * Fills an organization with runs, one per minute back from `until`, and two others with runs between them.
 * Connects as the owner of the tables, whom no trigger restricts. Ends with a vacuum and a checkpoint.
 *
 * One run in 10,000 is `partial` and of the rare workflow. One in ten fails, the others pass. A third is scheduled.
 * @param options.others runs of the other organizations. @default `count`
 */
export async function seedRuns(
  ownerUrl: string,
  orgId: string,
  count: number,
  { others = count, until = new Date() }: { others?: number; until?: Date } = {},
): Promise<SeededRuns> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const seeded = await seedOrganization(client, { orgId, count, until, hasRare: true });
    for (const part of [Math.ceil(others / 2), Math.floor(others / 2)]) {
      const other = crypto.randomUUID();
      await client.query('INSERT INTO "Organization" ("id", "slug", "name") VALUES ($1, $2, $3)', [
        other,
        `other-${other}`,
        'Another',
      ]);
      await seedOrganization(client, { orgId: other, count: part, until, hasRare: false });
    }
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
    return seeded;
  } finally {
    await client.end();
  }
}

async function seedOrganization(
  client: Client,
  { orgId, count, until, hasRare }: { orgId: string; count: number; until: Date; hasRare: boolean },
): Promise<SeededRuns> {
  const ids = (length: number) => Array.from({ length }, () => crypto.randomUUID());
  const [serverIds, workflowIds, versionIds] = [ids(11), ids(21), ids(21)];
  for (const [index, serverId] of serverIds.entries())
    await client.query('INSERT INTO "Server" ("id", "orgId", "name", "transport", "url") VALUES ($1, $2, $3, $4, $5)', [
      serverId,
      orgId,
      `Server ${index}`,
      'streamable_http',
      'https://example.com/mcp',
    ]);
  for (const [index, workflowId] of workflowIds.entries()) {
    // Workflow 0 is the only one on server 0. The others share servers 1 to 10.
    const serverId = serverIds[index === 0 ? 0 : 1 + (index % 10)];
    const definition = {
      name: `Workflow ${index}`,
      serverId,
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: 'call search_products {"query": "mug"}',
      criteria: [{ id: crypto.randomUUID(), text: 'calls `search_products` once', isRequired: true }],
      schedule: index % 2 === 0 ? '*/15 * * * *' : null,
      timezone: 'UTC',
    };
    await client.query(
      'INSERT INTO "Workflow" ("id", "orgId", "serverId", "name", "activeVersionId", "updatedAt") VALUES ($1, $2, $3, $4, $5, now())',
      [workflowId, orgId, serverId, definition.name, versionIds[index]],
    );
    await client.query(
      'INSERT INTO "WorkflowVersion" ("id", "orgId", "workflowId", "number", "definition", "createdBy") VALUES ($1, $2, $3, 1, $4, $5)',
      [versionIds[index], orgId, workflowId, JSON.stringify(definition), 'system:seed'],
    );
  }
  await client.query(
    `INSERT INTO "Run" ("id", "orgId", "workflowId", "versionId", "serverId", "model", "trigger", "status", "errorKind",
       "actorKind", "actorId", "createdAt", "startedAt", "finishedAt", "cost")
     SELECT gen_random_uuid(), $1::uuid, ($2::uuid[])[w], ($3::uuid[])[w],
       ($4::uuid[])[CASE w WHEN 1 THEN 1 ELSE 2 + ((w - 1) % 10) END], 'builtin/scripted',
       CASE WHEN n % 3 = 0 THEN 'scheduled' ELSE 'manual' END, status,
       CASE WHEN status = 'error' THEN CASE WHEN n % 1000 = 3 THEN 'canceled' ELSE 'unreachable' END END, 'system', 'seed', at, at, at + interval '20 seconds', 0.001
     FROM (
       SELECT n, CASE WHEN $6 AND n % 10000 = 7 THEN 1 ELSE 2 + n % 20 END AS w,
         CASE WHEN $6 AND n % 10000 = 7 THEN 'partial' WHEN n % 10 = 1 THEN 'fail'
           WHEN n % 100 = 3 THEN 'error' ELSE 'pass' END AS status,
         $5::timestamptz - n * interval '1 minute' AS at
       FROM generate_series(0, $7::int - 1) AS n) AS seeded`,
    [orgId, workflowIds, versionIds, serverIds, until.toISOString(), hasRare, count],
  );
  const [rareWorkflowId = '', workflowId = ''] = workflowIds;
  const [rareServerId = '', , serverId = ''] = serverIds;
  return { workflowId, serverId, rareWorkflowId, rareServerId, workflowIds, serverIds };
}

/** Writes the trace of a run with five calls: a turn, calls with results of a few hundred bytes, and three verdicts. */
export async function seedTrace(ownerUrl: string, orgId: string, runId: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  const tools = ['search_products', 'check_stock', 'create_order', 'get_order', 'list_orders'];
  const event = (seq: number, type: string, data: object) =>
    client.query(
      `INSERT INTO "TraceEvent" ("orgId", "runId", "seq", "type", "at", "data") VALUES ($1, $2, $3, $4, now(), $5)`,
      [orgId, runId, seq, type, JSON.stringify(data)],
    );
  try {
    await event(0, 'connected', {
      server: { name: 'shop', version: '1.0.0' },
      protocolVersion: '2026-07-28',
      offered: tools,
      again: false,
    });
    const toolCalls = tools.map((tool, index) => ({ index, id: `call-${index}`, tool, arguments: '{"query":"mug"}' }));
    await event(1, 'model_turn', {
      turn: 1,
      content: '',
      toolCalls,
      usage: { input: 900, output: 120 },
      latencyMs: 700,
    });
    for (const [index, tool] of tools.entries()) {
      const structuredContent = {
        products: Array.from({ length: 3 }, (_, item) => ({ sku: `MUG-${item}`, name: `Mug ${item}`, price: 12.5 })),
      };
      const content = [{ type: 'text', text: JSON.stringify(structuredContent) }];
      await client.query(
        `INSERT INTO "ToolCall" ("orgId", "runId", "index", "turn", "tool", "arguments", "outcome", "result", "attempts",
           "startedAt", "latencyMs") VALUES ($1, $2, $3, 1, $4, '{"query": "mug"}', 'ok', $5, 1, now(), 12)`,
        [orgId, runId, index, tool, JSON.stringify({ content, structuredContent, isError: false })],
      );
      await event(2 + 2 * index, 'tool_call', { index, tool });
      await event(3 + 2 * index, 'tool_result', { index, tool, outcome: 'ok', latencyMs: 12 });
    }
    await event(12, 'final_answer', { content: 'There are three mugs, and one of them is ordered.' });
    for (const [position, tool] of tools.slice(0, 3).entries())
      await client.query(
        `INSERT INTO "CriterionResult" ("orgId", "runId", "criterionId", "position", "text", "isRequired", "verdict", "rationale",
           "evidence", "gradedBy") VALUES ($1, $2, $3, $4, $5, true, 'pass', $6, $7, 'assertion')`,
        [
          orgId,
          runId,
          crypto.randomUUID(),
          position,
          `calls \`${tool}\` once`,
          `\`${tool}\` was called once.`,
          [`call-${position + 1}`],
        ],
      );
  } finally {
    await client.end();
  }
}
