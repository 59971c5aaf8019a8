import { Client } from 'pg';

export type SeededRuns = {
  orgId: string;
  serverIds: string[];
  workflowIds: string[];
  /** `workflowIds[0]` has one run in 10,000 of the organization's. */
  rareWorkflowId: string;
  /** `serverIds[0]` has one run in 10,000, too: those of the rare workflow. */
  rareServerId: string;
};

/**
 * Fills the table of runs, as the owner of the tables, by statements on the server. Runs stand a minute apart and go back from `until`,
 * in between those of other organizations. Of the organization's runs, one in 10,000 is `running` and `scheduled`, one in 10,000 is of
 * the rare workflow and server (and is a `partial`); the others mostly pass. Statistics are up to date afterwards.
 *
 * @param url of the database, as the owner of the tables.
 * @param orgId an organization; made when it is left out.
 * @param count runs of the organization. @param others runs of two other organizations, in between.
 */
export async function seedRuns(of: {
  url: string;
  orgId?: string;
  count: number;
  others?: number;
  until?: Date;
}): Promise<SeededRuns> {
  const { url, count, others = Math.round(count / 2), until = new Date() } = of;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    const seeded = await seedOne(client, { orgId: of.orgId, count, until, rare: true });
    for (const half of [Math.ceil(others / 2), Math.floor(others / 2)])
      if (half > 0) await seedOne(client, { orgId: undefined, count: half, until, rare: false });
    await client.query('VACUUM ANALYZE "Run"');
    return seeded;
  } finally {
    await client.end();
  }
}

async function seedOne(
  client: Client,
  of: { orgId: string | undefined; count: number; until: Date; rare: boolean },
): Promise<SeededRuns> {
  const orgId = of.orgId ?? crypto.randomUUID();
  if (of.orgId === undefined)
    await client.query('INSERT INTO "Organization" ("id", "slug", "name") VALUES ($1, $2, $3)', [
      orgId,
      `seed-${orgId}`,
      'Seeded',
    ]);
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
    // Workflow 0 is alone on server 0; the others share servers 1 to 10.
    const serverId = serverIds[index === 0 ? 0 : 1 + (index % 10)];
    const definition = {
      name: `Workflow ${index}`,
      serverId,
      testerModels: ['builtin/scripted'],
      judgeModel: 'builtin/assertions',
      prompt: 'call search_products {"query": "mug"}',
      criteria: [{ id: crypto.randomUUID(), text: 'calls `search_products` once', isRequired: true }],
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
     SELECT gen_random_uuid(), $1::uuid, ($2::uuid[])[w], ($3::uuid[])[w], ($4::uuid[])[CASE w WHEN 1 THEN 1 ELSE 2 + ((w - 1) % 10) END],
       'builtin/scripted', CASE WHEN n % 10000 = 3 OR n % 3 = 0 THEN 'scheduled' ELSE 'manual' END, status,
       CASE status WHEN 'error' THEN 'unreachable' END, 'system', 'seed', at, at,
       CASE WHEN status <> 'running' THEN at + interval '20 seconds' END, 0.001
     FROM (
       SELECT n, CASE WHEN $6 AND n % 10000 = 7 THEN 1 ELSE 2 + n % 20 END AS w,
         CASE WHEN $6 AND n % 10000 = 3 THEN 'running' WHEN $6 AND n % 10000 = 7 THEN 'partial'
           WHEN n % 10 = 1 THEN 'fail' WHEN n % 50 = 2 THEN 'error' ELSE 'pass' END AS status,
         $5::timestamptz - n * interval '1 minute' AS at
       FROM generate_series(0, $7::int - 1) AS n) AS seeded`,
    [orgId, workflowIds, versionIds, serverIds, of.until.toISOString(), of.rare, of.count],
  );
  const [rareWorkflowId = '', rareServerId = ''] = [workflowIds[0], serverIds[0]];
  return { orgId, serverIds, workflowIds, rareWorkflowId, rareServerId };
}
