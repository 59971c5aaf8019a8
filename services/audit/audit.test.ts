import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../tests/support/setup/context.ts';
import { newId } from '../context/ids.ts';
import { exportAudit } from './export.ts';
import { listAudit } from './list.ts';

let scenario: TestDeps;
let org: TestOrg;
const start = Date.parse('2026-11-01T00:00:00Z');
beforeAll(async () => {
  scenario = await testDeps();
  org = await testOrg(scenario.deps);
  const other = await testOrg(scenario.deps);
  await scenario.deps.db.auditEvent.createMany({
    data: [org, other].flatMap(({ orgId }) =>
      Array.from({ length: 450 }, (_, minute) => ({
        id: newId(),
        orgId,
        at: new Date(start + minute * 60_000),
        actorKind: minute % 2 ? 'member' : 'system',
        actorId: minute % 2 ? org.as('editor').actor.id : 'reconcile',
        action: minute % 3 ? 'workflow.pause' : 'workflow.resume',
        subject: `subject-${minute % 5}`,
        intent: minute === 449 ? '=HYPERLINK("https://example.com")' : null,
        data: { minute },
      })),
    ),
  });
});
afterAll(() => scenario?.close());

it('is listed newest first, a page at a time, by actor, action, subject and time', async () => {
  const minutesOf = async (filters: Parameters<typeof listAudit>[1]) => {
    const minutes: unknown[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await listAudit(org.as('admin'), { ...filters, limit: 100, ...(cursor && { cursor }) });
      minutes.push(...page.events.map(({ data }) => Object(data).minute));
      cursor = page.nextCursor;
    }
    return minutes;
  };
  const all = Array.from({ length: 450 }, (_, index) => 449 - index);
  expect(await minutesOf({})).toEqual(all);
  const filters = { actor: org.as('editor').actor.id, action: 'workflow.resume', subject: 'subject-3' };
  expect(await minutesOf(filters)).toEqual(all.filter((minute) => minute % 2 && minute % 3 === 0 && minute % 5 === 3));
  const at = (minute: number) => new Date(start + minute * 60_000).toISOString();
  expect(await minutesOf({ after: at(10), before: at(13) })).toEqual([12, 11, 10]);
  expect((await listAudit(org.as('admin'), { limit: 1 })).events).toMatchObject([
    { actorName: 'The editor', action: 'workflow.pause' },
  ]);
  await expect(listAudit(org.as('editor'), {})).rejects.toMatchObject({ code: 'permission_denied' });
});

it('is exported whole, as CSV without formulas and as JSON', async () => {
  const read = async (format: 'csv' | 'json') => {
    const { chunks } = await exportAudit(org.as('admin'), { format });
    let text = '';
    for await (const chunk of chunks) text += chunk;
    return text;
  };
  const lines = (await read('csv')).trimEnd().split('\r\n');
  expect(lines).toHaveLength(451);
  expect(lines[0]).toBe('at,actorKind,actorId,actorName,action,subject,intent,data,id');
  expect(lines[1]).toContain(`,"'=HYPERLINK(""https://example.com"")","{""minute"":449}",`);
  const events: unknown = JSON.parse(await read('json'));
  expect(events).toHaveLength(450);
});
