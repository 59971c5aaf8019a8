import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDeps, type TestOrg, testDeps, testOrg } from '../../../tests/support/setup/context.ts';
import { storedSecrets } from '../../../tests/support/setup/stored-secrets.ts';
import { createRule } from '../../alert-rule/create.ts';
import { archiveWebhook } from './archive.ts';
import { createWebhook } from './create.ts';
import { editWebhook } from './edit.ts';
import { readWebhook } from './endpoint.ts';
import { listWebhooks } from './list.ts';

let test: TestDeps;
let org: TestOrg;
beforeAll(async () => {
  test = await testDeps();
  org = await testOrg(test.deps);
});
afterAll(() => test.close());

let made = 0;
const create = (url = 'https://hooks.example.com/services/abc?token=very-secret&debug') =>
  createWebhook(org.as('admin'), { name: `Webhook ${++made}`, url });
const inClear = (webhookId: string) => readWebhook(test.deps, { orgId: org.orgId, webhookId });
const rowOf = (id: string) => test.deps.db.webhook.findFirstOrThrow({ where: { id } });

describe('a new webhook', () => {
  it('shows its signing secret once, and keeps that and the query values in the secrets store', async () => {
    const { webhook, signingSecret } = await create();
    expect(signingSecret).toMatch(/^whsec_/);
    expect(webhook).toMatchObject({ url: 'https://hooks.example.com/services/abc', queryNames: ['token', 'debug'] });
    expect(await inClear(webhook.id)).toEqual({
      url: 'https://hooks.example.com/services/abc?token=very-secret&debug=',
      secret: signingSecret,
    });
    const { webhooks } = await listWebhooks(org.as('admin'), {});
    const audit = await test.deps.db.auditEvent.findMany({ where: { orgId: org.orgId, subject: webhook.id } });
    expect(audit).toHaveLength(1);
    const stored = JSON.stringify([webhooks, audit, await rowOf(webhook.id)]);
    expect(stored).not.toContain('very-secret');
    expect(stored).not.toContain(signingSecret);
    expect(await storedSecrets(test.deps, org.orgId)).toEqual(expect.arrayContaining(['very-secret', signingSecret]));
  });

  it('shows its path to admins only', async () => {
    const { webhook } = await create();
    const seen = async (role: 'editor' | 'admin') =>
      (await listWebhooks(org.as(role), {})).webhooks.find(({ id }) => id === webhook.id)?.url;
    expect(await seen('editor')).toBe('https://hooks.example.com/…');
    expect(await seen('admin')).toBe('https://hooks.example.com/services/abc');
  });

  it.each([
    ['http', 'http://hooks.example.com/'],
    ['a metadata address', 'https://169.254.169.254/latest'],
    ['an address inside', 'https://10.0.0.1/'],
    ['a user name', 'https://me:secret@hooks.example.com/'],
    ['no URL', 'hooks'],
  ])('is refused with %s', async (_, url) => {
    await expect(create(url)).rejects.toMatchObject({
      code: expect.stringMatching(/^(target_blocked|validation_failed)$/),
    });
  });

  it('needs an admin, and a name of its own', async () => {
    const input = { name: 'Only once', url: 'https://hooks.example.com/' };
    await expect(createWebhook(org.as('editor'), input)).rejects.toMatchObject({ code: 'permission_denied' });
    await createWebhook(org.ctx, input);
    const secrets = (await storedSecrets(test.deps, org.orgId)).length;
    await expect(createWebhook(org.ctx, { ...input, name: 'ONLY once' })).rejects.toMatchObject({ code: 'conflict' });
    expect(await storedSecrets(test.deps, org.orgId)).toHaveLength(secrets);
  });
});

describe('an edit', () => {
  it('keeps the signing secret, and the query values that are left empty', async () => {
    const { webhook, signingSecret } = await create();
    const { secretRef } = await rowOf(webhook.id);
    const edited = await editWebhook(org.as('admin'), {
      webhookId: webhook.id,
      url: 'https://hooks.example.com/services/def?token=',
    });
    expect(edited.signingSecret).toBeNull();
    expect(await inClear(webhook.id)).toEqual({
      url: 'https://hooks.example.com/services/def?token=very-secret',
      secret: signingSecret,
    });
    expect(await test.deps.secrets.get(org.orgId, secretRef)).toBeNull();
  });

  it('gives no stored value to another origin', async () => {
    const { webhook } = await create();
    const move = (url: string) => editWebhook(org.ctx, { webhookId: webhook.id, url });
    await expect(move('https://evil.example/?token=')).rejects.toMatchObject({
      code: 'validation_failed',
      details: { fieldErrors: [{ field: 'url' }] },
    });
    await move('https://other.example/?token=typed-again');
    expect((await inClear(webhook.id))?.url).toBe('https://other.example/?token=typed-again');
  });

  it('rotates the signing secret when asked to', async () => {
    const { webhook, signingSecret } = await create();
    const { signingSecret: next } = await editWebhook(org.ctx, { webhookId: webhook.id, rotateSecret: true });
    expect(next).toMatch(/^whsec_/);
    expect(next).not.toBe(signingSecret);
    expect(await inClear(webhook.id)).toMatchObject({ secret: next, url: expect.stringContaining('very-secret') });
  });

  it('of two at once loses none: one of them is told', async () => {
    const { webhook } = await create();
    const ends = await Promise.allSettled(
      [1, 2].map(() => editWebhook(org.ctx, { webhookId: webhook.id, rotateSecret: true })),
    );
    const kept = (await inClear(webhook.id))?.secret;
    const told = ends.flatMap((end) => (end.status === 'fulfilled' ? [end.value.signingSecret] : []));
    expect(told).toContain(kept);
    for (const end of ends) if (end.status === 'rejected') expect(end.reason).toMatchObject({ code: 'conflict' });
  });
});

describe('deleting', () => {
  it('destroys the secrets, and names the rules that sent there', async () => {
    const { webhook } = await create();
    const { secretRef } = await rowOf(webhook.id);
    const { rule } = await createRule(org.ctx, {
      name: 'Sends there',
      target: { kind: 'all_monitors' },
      destination: { kind: 'webhook', webhookId: webhook.id },
    });
    await expect(archiveWebhook(org.as('editor'), { webhookId: webhook.id })).rejects.toMatchObject({
      code: 'permission_denied',
    });
    expect(await archiveWebhook(org.as('admin'), { webhookId: webhook.id })).toEqual({
      rules: [{ id: rule.id, name: 'Sends there' }],
      warnings: [],
    });
    expect(await test.deps.secrets.get(org.orgId, secretRef)).toBeNull();
    expect(await inClear(webhook.id)).toBeNull();
    await expect(editWebhook(org.ctx, { webhookId: webhook.id, name: 'Back' })).rejects.toMatchObject({
      code: 'destination_not_found',
    });
  });

  it('can be finished later when the secrets store is away', async () => {
    const { webhook } = await create();
    const { secretRef } = await rowOf(webhook.id);
    const away = {
      ...org.ctx,
      deps: { ...test.deps, secrets: { ...test.deps.secrets, destroy: () => Promise.reject(new Error('away')) } },
    };
    const { warnings } = await archiveWebhook(away, { webhookId: webhook.id });
    expect(warnings.map(({ code }) => code)).toEqual(['secrets_not_destroyed']);
    expect((await archiveWebhook(org.ctx, { webhookId: webhook.id })).warnings).toEqual([]);
    expect(await test.deps.secrets.get(org.orgId, secretRef)).toBeNull();
  });
});
