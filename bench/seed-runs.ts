import { Client } from 'pg';
import { newId } from '../services/id.ts';

export type Seeded = { workflowId: string; serverId: string };

const workflows = 20;
const servers = 4;

/**
 * Runs of one organization, a minute apart, with another organization's in between: written as the tables' owner, whom no guard holds.
 * One in 10,000 is `partial`, one in ten fails, one in fifty is manual.
 */
export async function seedRuns(ownerUrl: string, orgId: string, count: number): Promise<Seeded> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    const own = await seedParents(client, orgId);
    const otherOrg = newId();
    await client.query(`INSERT INTO "Organization" ("id", "slug", "name") VALUES ($1, $2, 'Another')`, [
      otherOrg,
      `other-${otherOrg}`,
    ]);
    const other = await seedParents(client, otherOrg);
    for (const [org, { workflowIds, versionIds, serverIds }] of [
      [orgId, own],
      [otherOrg, other],
    ] as const)
      await client.query(
        `INSERT INTO "Run" ("id", "orgId", "workflowId", "versionId", "serverId", "model", "trigger", "status", "actorKind",
           "actorId", "createdAt", "startedAt", "finishedAt", "cost")
         SELECT gen_random_uuid(), $1, ($2::uuid[])[1 + i % ${workflows}], ($3::uuid[])[1 + i % ${workflows}],
           ($4::uuid[])[1 + i % ${workflows} % ${servers}], 'builtin/scripted',
           CASE WHEN i % 50 = 0 THEN 'manual' ELSE 'scheduled' END,
           CASE WHEN i % 10000 = 0 THEN 'partial' WHEN i % 10 = 0 THEN 'fail' ELSE 'pass' END,
           'system', 'seed', at, at, at + interval '2 seconds', 0
         FROM generate_series(1, $5::int) i, LATERAL (SELECT now() - i * interval '1 minute' AS at) t`,
        [org, workflowIds, versionIds, serverIds, count],
      );
    await client.query('VACUUM ANALYZE "Run"');
    const [workflowId = ''] = own.workflowIds;
    const [serverId = ''] = own.serverIds;
    return { workflowId, serverId };
  } finally {
    await client.end();
  }
}

async function seedParents(client: Client, orgId: string) {
  const serverIds = Array.from({ length: servers }, newId);
  const workflowIds = Array.from({ length: workflows }, newId);
  const versionIds = Array.from({ length: workflows }, newId);
  const definition = {
    name: 'Seeded',
    testerModels: ['builtin/scripted'],
    judgeModel: 'builtin/assertions',
    prompt: 'call get_shop_status {}',
    criteria: [{ id: newId(), text: 'no tool call fails', isRequired: true }],
    schedule: null,
    timezone: 'UTC',
  };
  for (const id of serverIds)
    await client.query(
      `INSERT INTO "Server" ("id", "orgId", "name", "transport", "url") VALUES ($1, $2, 'Seeded', 'streamable_http', 'http://127.0.0.1:1/mcp')`,
      [id, orgId],
    );
  for (const [index, id] of workflowIds.entries()) {
    const serverId = serverIds[index % servers];
    await client.query(
      `INSERT INTO "Workflow" ("id", "orgId", "serverId", "name", "activeVersionId", "updatedAt") VALUES ($1, $2, $3, $4, $5, now())`,
      [id, orgId, serverId, `Seeded ${index}`, versionIds[index]],
    );
    await client.query(
      `INSERT INTO "WorkflowVersion" ("id", "orgId", "workflowId", "number", "definition", "createdBy") VALUES ($1, $2, $3, 1, $4, 'seed')`,
      [versionIds[index], orgId, id, JSON.stringify({ ...definition, serverId })],
    );
  }
  return { serverIds, workflowIds, versionIds };
}
