import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { createResetLink } from '../../services/account/password/create-reset-link.ts';
import { newId } from '../../services/context/ids.ts';
import { expectAccessible } from '../support/browser/browser.ts';
import { it } from '../support/browser/test.ts';

it.override('expectedComplaints', [/the server responded with a status of (400|404|422)/]);

it('answers a forgotten password the same for everyone, and takes a new one by a link', async ({
  openPage,
  app,
  workspace,
}) => {
  const { ctx, orgId } = workspace;
  const [userId, email] = [newId(), `bob-${randomBytes(4).toString('hex')}@example.com`];
  await ctx.deps.db.user.create({ data: { id: userId, name: 'Bob', email } });
  await ctx.deps.db.member.create({ data: { orgId, userId, role: 'viewer' } });

  const page = await openPage();
  await page.goto(`${app.url}/sign-in`);
  await expectAccessible(page, 'sign-in');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await page.getByRole('heading', { name: 'Reset your password' }).waitFor();
  await expectAccessible(page, 'reset-password');
  const answers: (string | null)[] = [];
  for (const address of [email, 'nobody@example.com']) {
    await page.goto(`${app.url}/reset-password`);
    await page.getByLabel('E-mail').fill(address);
    await page.getByRole('button', { name: 'Request link' }).click();
    answers.push(await page.getByRole('alert').textContent());
  }
  expect(answers[0]).toMatch(/^If the address has an account/);
  expect(answers[1]).toBe(answers[0]);

  const { url } = await createResetLink(ctx, { userId });
  await page.goto(url);
  await page.getByLabel('New password').fill('password123');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('among the most common ones').first().waitFor();
  await expectAccessible(page, 'new-password');
  await page.getByLabel('New password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Change password' }).click();
  await page.getByText('The password was changed. Now sign in.').waitFor();
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill('correct horse battery');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/o\//);
});

it('says that a link to verify an address has expired', async ({ openPage, app }) => {
  const page = await openPage();
  await page.goto(`${app.url}/verify-email?token=${'x'.repeat(43)}`);
  await expectAccessible(page, 'verify-email');
  await page.getByRole('button', { name: 'Verify address' }).click();
  await page.getByText('This link was already used or has expired.').waitFor();
});

it('sends a signed-in person another link to verify their address', async ({ page, app }) => {
  await page.goto(`${app.url}/verify-email`);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await page.getByText('A link was created.').waitFor();
});
