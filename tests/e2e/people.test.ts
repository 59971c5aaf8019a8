import { randomBytes } from 'node:crypto';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { requestPasswordReset } from '../../services/account/password/request-reset.ts';
import { createApiKey } from '../../services/api-key/create.ts';
import { createKeyVerifier } from '../../services/api-key/verify.ts';
import { createInvitation } from '../../services/invitation/create.ts';
import type { TestApp } from '../support/browser/app.ts';
import { expectAccessible, waitForHydration } from '../support/browser/browser.ts';
import { it as base } from '../support/browser/test.ts';
import { signUp, type Workspace } from '../support/browser/workspace.ts';

// Who was removed gets a 404, and a wrong password a 401.
const it = base.override('expectedComplaints', [/the server responded with a status of (400|401|403|404|409|422)/]);

const password = 'correct horse battery';
const newEmail = () => `grace-${randomBytes(4).toString('hex')}@example.com`;

/** Accepts an invitation with a new account. */
async function join(page: Page, url: string, email: string | null): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Your name').fill('Grace Hopper');
  if (email) await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account and join' }).click();
}

/** The link that the page shows once. */
const shownLink = async (page: Page) =>
  (await page.getByRole('region', { name: 'Link', exact: true }).textContent()) ?? '';

const cookieOf = (workspace: Workspace, app: TestApp) => {
  const [name = '', value = ''] = workspace.cookie.split(/=(.*)/);
  return { name, value, url: app.url };
};

it('invites a person, who joins with a new account; a lower role revokes their key, and removal ends it all', async ({
  app,
  workspace,
  page,
  openPage,
}) => {
  await page.goto(`${workspace.url}/settings`);
  await page.getByRole('link', { name: 'Team' }).click();
  const email = newEmail();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Role').first().selectOption('Admin');
  await page.getByRole('button', { name: 'Create invitation' }).click();
  await page.getByRole('alert').filter({ hasText: 'Pass this link on' }).waitFor();
  await page.getByRole('table', { name: 'Pending invitations' }).getByText(email).waitFor();
  const url = await shownLink(page);
  await expectAccessible(page, 'team-invited');

  const theirs = await openPage();
  await theirs.goto(url);
  await theirs.getByRole('heading', { name: 'Join Acme Shop' }).waitFor();
  await theirs.getByText('Ada Lovelace invites you as Admin.').waitFor();
  await expectAccessible(theirs, 'invitation-new-account');
  await join(theirs, url, null);
  await theirs.waitForURL(new RegExp(`/o/${workspace.slug}`));
  await theirs.goto(`${workspace.url}/settings/audit`);
  await theirs.getByRole('table', { name: 'Audit log' }).getByText('Accept invitation').waitFor();
  await expectAccessible(theirs, 'audit-log');

  const { db } = app.deps;
  const { id: userId } = await db.user.findUniqueOrThrow({ where: { email } });
  const grace = {
    ...workspace.ctx,
    actor: { kind: 'member' as const, id: userId, orgId: workspace.orgId, role: 'admin' as const },
  };
  const [high, low] = [
    await createApiKey(grace, { name: 'Deploy bot' }),
    await createApiKey(grace, { name: 'Reader', role: 'viewer' }),
  ];
  const works = async (key: string) => (await createKeyVerifier(app.deps)(key, null)) !== null;

  await page.goto(`${workspace.url}/settings/team`);
  await page.getByRole('link', { name: 'Change Grace Hopper' }).click();
  await page.getByLabel('New role').selectOption('Viewer');
  const changes = page.getByRole('region', { name: 'What changes' });
  await changes.getByText('This API key of theirs will be revoked:').waitFor();
  await changes.getByText('Deploy bot (Admin)').waitFor();
  expect(await changes.textContent()).not.toContain('Reader');
  await expectAccessible(page, 'team-demotion');
  expect(await works(high.key)).toBe(true);
  await changes.getByRole('button', { name: 'Change role' }).click();
  await page.getByRole('alert').filter({ hasText: 'Grace Hopper has the role Viewer now.' }).waitFor();
  expect([await works(high.key), await works(low.key)]).toEqual([false, true]);

  // A viewer sees the team, and manages nothing.
  await theirs.goto(`${workspace.url}/settings/team`);
  await theirs.getByRole('table', { name: 'Members' }).getByText('Ada Lovelace').waitFor();
  expect(await theirs.getByRole('link', { name: /^Change / }).count()).toBe(0);
  expect(await theirs.getByRole('button', { name: 'Create invitation' }).count()).toBe(0);
  expect(await theirs.getByRole('link', { name: 'Audit log' }).count()).toBe(0);
  expect((await theirs.goto(`${workspace.url}/settings/audit`))?.status()).toBe(403);

  await page.getByRole('link', { name: 'Change Grace Hopper' }).click();
  await page.getByLabel('New role').selectOption('No role: remove from the workspace');
  await changes.getByRole('button', { name: 'Remove member' }).click();
  await page.getByRole('alert').filter({ hasText: 'Grace Hopper was removed from the workspace.' }).waitFor();
  expect(await works(low.key)).toBe(false);
  expect((await theirs.goto(`${workspace.url}/settings/team`))?.status()).toBe(404);
});

it('accepts an invitation with an existing account, transfers the ownership, and leaves', async ({
  app,
  workspace,
  page,
  openPage,
}) => {
  const other = await signUp(app, 'Elsewhere');
  const { url } = await createInvitation(workspace.ctx, { role: 'editor' });
  const theirs = await openPage();
  await theirs.goto(url ?? '');
  await theirs.getByRole('link', { name: 'Sign in' }).click();
  // The invitation has fields with the same names.
  await theirs.getByRole('heading', { name: 'Sign in' }).waitFor();
  await theirs.getByLabel('E-mail').fill(other.owner.email);
  await theirs.getByLabel('Password', { exact: true }).fill(other.owner.password);
  await theirs.getByRole('button', { name: 'Sign in' }).click();
  await theirs.getByText(`You are signed in as ${other.owner.email}.`).waitFor();
  await expectAccessible(theirs, 'invitation-existing-account');
  await theirs.getByRole('button', { name: 'Accept invitation' }).click();
  await theirs.waitForURL(new RegExp(`/o/${workspace.slug}`));

  await page.goto(`${workspace.url}/settings/team?member=${other.ctx.actor.id}&to=owner`);
  await page.getByRole('button', { name: 'Transfer ownership' }).click();
  await page.getByRole('alert').filter({ hasText: 'owns the workspace now, and you are an admin.' }).waitFor();
  await page.getByRole('button', { name: 'Leave workspace' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Leave workspace' }).click();
  // Without a workspace left, they may create one.
  await page.waitForURL(/\/workspaces\/new$/);
  expect(await app.deps.db.member.findMany({ where: { orgId: workspace.orgId } })).toMatchObject([
    { userId: other.ctx.actor.id, role: 'owner' },
  ]);

  await page.getByLabel('Workspace').fill('Café Ada');
  expect(await page.getByLabel('Address').inputValue()).toBe('cafe-ada');
  await page.getByLabel('Address').fill(workspace.slug);
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await page.getByText(`Another workspace has the address "${workspace.slug}".`).first().waitFor();
  await expectAccessible(page, 'workspace-slug-taken');
  const slug = `cafe-${randomBytes(3).toString('hex')}`;
  await page.getByLabel('Address').fill(slug);
  await page.getByRole('button', { name: 'Create workspace' }).click();
  await page.waitForURL(new RegExp(`/o/${slug}/servers/new`));
});

it('lets a person accept and sign in without JavaScript', async ({ workspace, openPage }) => {
  const { url } = await createInvitation(workspace.ctx, { role: 'viewer' });
  const email = newEmail();
  const page = await openPage({ javaScriptEnabled: false });
  await join(page, url ?? '', email);
  await page.waitForURL(new RegExp(`/o/${workspace.slug}`));
  await page.context().clearCookies();
  await page.goto(`${workspace.url}/settings/team`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('table', { name: 'Members' }).getByText('Grace Hopper').waitFor();
});

it('joins as many people as a link is for, two at once', async ({ app, workspace, openPage }) => {
  const { url } = await createInvitation(workspace.ctx, { role: 'viewer' });
  const pages = await Promise.all([openPage(), openPage()]);
  await Promise.all(pages.map((page) => join(page, url ?? '', newEmail())));
  const isJoined = (page: Page) => page.url().includes(`/o/${workspace.slug}`);
  await expect.poll(() => pages.filter(isJoined).length, { timeout: 60_000 }).toBe(1);
  const late = pages.find((page) => !isJoined(page));
  await late?.getByText('This invitation was used, revoked, or has expired.').first().waitFor();
  expect(await app.deps.db.member.count({ where: { orgId: workspace.orgId } })).toBe(2);
});

it('changes name, appearance, password and sessions on the profile', async ({ app, workspace, page, openPage }) => {
  const elsewhere = await openPage();
  await elsewhere.goto(`${app.url}/sign-in`);
  await elsewhere.getByLabel('E-mail').fill(workspace.owner.email);
  const field = elsewhere.getByLabel('Password', { exact: true });
  await field.fill(workspace.owner.password);
  await elsewhere.getByRole('button', { name: 'Show characters' }).click();
  expect(await field.getAttribute('type')).toBe('text');
  await elsewhere.getByRole('button', { name: 'Sign in' }).click();
  await elsewhere.waitForURL(new RegExp(`/o/${workspace.slug}`));

  await page.goto(`${app.url}/profile`);
  await expectAccessible(page, 'profile');
  await page.getByLabel('Your name').fill('Ada King');
  await page.getByRole('button', { name: 'Save name' }).click();
  await page.getByRole('alert').filter({ hasText: 'Your name was changed.' }).waitFor();

  await page.getByLabel('Theme').selectOption('Dark');
  await page.getByLabel('Time zone').selectOption('Asia/Tokyo');
  await page.getByRole('button', { name: 'Save appearance' }).click();
  await page.getByText('Saved for this browser.').waitFor();
  expect(await page.getByLabel('Theme').inputValue()).toBe('dark');
  await expectAccessible(page, 'profile-dark');

  const passwords = async (current: string, next: string) => {
    await page.getByLabel('Current password').last().fill(current);
    await page.getByLabel('New password', { exact: true }).fill(next);
    await page.getByRole('button', { name: 'Change password' }).click();
  };
  await passwords('not my password', 'another good password');
  await page.getByText('This is not your password.').first().waitFor();
  await passwords(workspace.owner.password, 'another good password');
  await page.getByRole('alert').filter({ hasText: 'Your password was changed. 1 other session was ended.' }).waitFor();
  await elsewhere.goto(workspace.url);
  await elsewhere.waitForURL(/\/sign-in/);
});

it('resets a password by a link from the log of the server', async ({ app, workspace, openPage }) => {
  const { email } = workspace.owner;
  const page = await openPage();
  await page.goto(`${app.url}/sign-in`);
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  // Both pages have a field of this name.
  await page.getByRole('heading', { level: 1, name: 'Reset your password' }).waitFor();
  await page.getByLabel('E-mail').fill(email);
  await page.getByRole('button', { name: 'Request link' }).click();
  await page.getByText('If the address has an account, a link was created.').waitFor();
  // The page shows no link; only the server's log has it.
  expect(await page.content()).not.toContain('token=');
  const lines: string[] = [];
  const log = { ...app.deps.log, warn: (line: unknown) => void lines.push(String(line)) };
  const visit = { cookie: '', address: 'test-reset', userAgent: 'test' };
  await requestPasswordReset({ ...workspace.ctx, deps: { ...app.deps, log } }, { visit, email });
  await expect.poll(() => lines.join()).toContain('/reset-password?token=');
  await page.goto(/https?:\S+/.exec(lines.join())?.[0] ?? '');
  await page.getByLabel('New password', { exact: true }).fill('another good password');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('The password was changed. Now sign in.').waitFor();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill('another good password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(new RegExp(`/o/${workspace.slug}`));
});

it('filters and exports security events in both themes', async ({ app, workspace, openPage }) => {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await openPage({ colorScheme });
    await page.context().addCookies([cookieOf(workspace, app)]);
    await page.goto(`${workspace.url}/settings/security`);
    await waitForHydration(page);
    await page.getByLabel('Event', { exact: true }).selectOption('Sign-in');
    await page.waitForURL(/kind=sign_in/);
    await page.getByRole('table', { name: 'Security events' }).getByText('Succeeded').first().waitFor();
    await expectAccessible(page, `security-events-${colorScheme}`);
    for (const path of ['team', 'audit', 'keys']) {
      await page.goto(`${workspace.url}/settings/${path}`);
      await page.getByRole('heading', { name: 'Settings' }).waitFor();
      await expectAccessible(page, `settings-${path}-${colorScheme}`);
    }
  }
  const get = (path: string) => fetch(`${workspace.url}/settings/${path}`, { headers: { cookie: workspace.cookie } });
  expect(await (await get('security.csv?kind=sign_in')).text()).toMatch(/^at,kind,.*\r\n.*,sign_in,ok,/);
  expect(await (await get('audit.csv')).text()).toContain(',account.sign_up,');
  const rows: unknown = await (await get('audit.json')).json();
  expect(rows).toMatchObject([{ action: 'account.sign_up' }]);
});

it('deletes a workspace whose name was typed', async ({ app, workspace, page }) => {
  await page.goto(`${workspace.url}/settings/general`);
  await page.getByRole('button', { name: 'Delete workspace' }).click();
  const dialog = page.getByRole('dialog');
  await expectAccessible(page, 'workspace-delete');
  await dialog.getByLabel('Type Acme Shop to confirm').fill('Acme Shop');
  await dialog.getByRole('button', { name: 'Delete workspace' }).click();
  await page.waitForURL(/\/workspaces\/new$/);
  expect((await page.goto(workspace.url))?.status()).toBe(404);
  expect(await app.deps.db.erasure.count({ where: { orgId: workspace.orgId } })).toBe(1);
});
