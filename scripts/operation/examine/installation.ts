import { readdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../../infra/config/index.ts';
import type { Deps } from '../../../services/context/context.ts';
import { findStandstill } from '../../../services/installation/standstill.ts';
import { findOwners } from '../../../services/installation/unreadable-secrets.ts';
import { isMissing } from '../../process.ts';
import { withClient } from '../copy.ts';
import { describeCode } from '../manifest.ts';
import { listLeftovers } from '../target.ts';
import { type Finding, ok, problem, toReason, warning } from './finding.ts';
import { describeSkew } from './temporal.ts';

const gibibyte = 2 ** 30;
const testedMajor = 18;

/** Whether both databases answer, and fit this version. */
export async function examineDatabases({ databaseUrl, secretsUrl }: Config): Promise<Finding[]> {
  const [main, secrets] = await Promise.all([
    examineDatabase('DATABASE_URL', databaseUrl, (url) => examineMain(url)),
    examineDatabase('SECRETS_DATABASE_URL', secretsUrl, (url) => examineSecretsSchema(url)),
  ]);
  return [...main, ...secrets];
}

async function examineDatabase(variable: string, url: string, examine: (url: string) => Promise<Finding[]>) {
  const { pathname } = new URL(url);
  try {
    return await examine(url);
  } catch (error) {
    return [
      problem(
        `The database "${decodeURIComponent(pathname.slice(1))}" can't be used: ${toReason(error)}`,
        `Start Postgres, correct ${variable}, or run npm run migrate, which creates what is missing.`,
      ),
    ];
  }
}

const examineMain = (url: string): Promise<Finding[]> =>
  withClient(url, 'doctor', async (client) => {
    const from = Date.now();
    const { rows } = await client.query<{ version: string; at: Date; size: string; owns: boolean }>(
      `SELECT current_setting('server_version') AS "version", clock_timestamp() AS "at",
         pg_database_size(current_database())::text AS "size",
         (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
           OR EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public' AND tableowner = current_user) AS "owns"`,
    );
    const until = Date.now();
    const [row] = rows;
    if (!row) return [];
    const major = Number.parseInt(row.version, 10);
    const size = `Postgres ${row.version} answers; the database has ${(Number(row.size) / gibibyte).toFixed(2)} GiB`;
    return [
      major >= testedMajor
        ? ok(size)
        : warning(size, `Armature was tested with Postgres ${testedMajor}. Upgrade Postgres.`),
      describeSkew('Postgres', row.at.getTime(), from, until),
      row.owns
        ? problem(
            'The role of DATABASE_URL owns tables or is a superuser, so nothing keeps it from changing finished runs',
            'Use another role there than in ARMATURE_MIGRATE_URL (docs/operating.md).',
          )
        : ok('The role of the processes owns no table'),
      ...(await examineSchema(
        'schema',
        (await describeCode()).migrations.map(({ name }) => name),
        (
          await client.query<{ name: string }>(
            `SELECT migration_name AS "name" FROM "_prisma_migrations"
             WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1`,
          )
        ).rows.map(({ name }) => name),
      )),
      ...(await listLeftovers(url)).map((name) =>
        warning(
          `The database "${name}" is left from a restore that was interrupted`,
          `Start the restore again, or drop it: DROP DATABASE "${name}"`,
        ),
      ),
    ];
  });

const examineSecretsSchema = (url: string): Promise<Finding[]> =>
  withClient(url, 'doctor', async (client) =>
    examineSchema(
      'schema of the secrets',
      (await describeCode()).secretsMigrations,
      (await client.query<{ name: string }>('SELECT name FROM migration ORDER BY name')).rows.map(({ name }) => name),
    ),
  );

function examineSchema(what: string, wanted: string[], applied: string[]): Finding[] {
  const missing = wanted.filter((name) => !applied.includes(name));
  const unknown = applied.filter((name) => !wanted.includes(name));
  return [
    ...(missing.length > 0
      ? [
          problem(
            `The ${what} is older than this version: ${missing.join(', ')} not applied`,
            'Run npm run migrate. npm start does it by itself.',
          ),
        ]
      : []),
    ...(unknown.length > 0
      ? [
          warning(
            `The ${what} is newer than this version: ${unknown.join(', ')}`,
            'Use the version of Armature that applied it, or a later one.',
          ),
        ]
      : []),
    ...(missing.length + unknown.length === 0 ? [ok(`The ${what} is that of this version (${wanted.at(-1)})`)] : []),
  ];
}

/** Whether every secret that is referred to is there, and the configured keys open it. */
export async function examineSecrets({
  db,
  secrets,
  config,
}: Pick<Deps, 'db' | 'secrets' | 'config'>): Promise<Finding[]> {
  try {
    const missing = await findMissing(db, config.secretsUrl);
    const unreadable = (await secrets.listUnreadable()).map(({ ref }) => ref);
    const findings: Finding[] = [];
    if (missing.length > 0)
      findings.push(
        problem(
          `${missing.length} secrets are missing from the database of SECRETS_DATABASE_URL`,
          'Correct that address, or restore a backup. Otherwise do as the lines below say, if there are any.',
        ),
      );
    if (unreadable.length > 0)
      findings.push(
        problem(
          `${unreadable.length} secrets can't be opened with the configured keys`,
          'Add the key that they were encrypted with to ARMATURE_SECRETS_PREVIOUS_KEYS, or do as the lines below say, if there are any.',
        ),
      );
    if (findings.length === 0) return [ok('Every secret is there, and the configured keys open it')];
    const owners = await findOwners(db, [...missing, ...unreadable]);
    return [
      ...findings,
      ...owners.map(({ kind, name, id, repair }) =>
        problem(`The ${kind} "${name}" (${id}) can't be used: its secret can't be read`, repair),
      ),
    ];
  } catch (error) {
    return [problem(`The secrets can't be examined: ${toReason(error)}`, 'Correct the problems above first.')];
  }
}

/** Secrets that something in use refers to, but that aren't stored. */
async function findMissing(db: Deps['db'], secretsUrl: string): Promise<string[]> {
  const where = { secretRef: { not: null }, archivedAt: null };
  const select = { secretRef: true } as const;
  const referred = await Promise.all([
    db.server.findMany({ where, select }),
    db.authProfile.findMany({ where: { ...where, server: { archivedAt: null } }, select }),
    db.webhook.findMany({ where: { archivedAt: null }, select }),
    db.slackInstallation.findMany({ where: { secretRef: { not: null }, state: 'connected' }, select }),
  ]);
  const { rows } = await withClient(secretsUrl, 'doctor', (client) =>
    client.query<{ ref: string }>('SELECT ref FROM secret'),
  );
  const stored = new Set(rows.map(({ ref }) => ref));
  return referred.flat().flatMap(({ secretRef }) => (secretRef === null || stored.has(secretRef) ? [] : [secretRef]));
}

/** Free space where `npm start` keeps its data, and what unfinished backups take. */
export async function examineDisk(home: string): Promise<Finding[]> {
  const { bavail, bsize, blocks } = await statfs(home);
  const free = bavail * bsize;
  const text = `${(free / gibibyte).toFixed(1)} GiB of the disk of ${home} are free`;
  const todo = 'Free some space: Postgres stops when the disk is full.';
  const unfinished = (await listFolder(join(home, 'backups'))).filter((name) => name.includes('.unfinished-'));
  return [
    free < gibibyte
      ? problem(text, todo)
      : free < 5 * gibibyte && bavail < blocks / 10
        ? warning(text, todo)
        : ok(text),
    ...unfinished.map((name) =>
      warning(`${join(home, 'backups', name)} is left from a backup that was interrupted`, 'Delete the folder.'),
    ),
  ];
}

async function listFolder(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** Settings that work, but that somebody may not have meant. */
export function examineSettings(config: Config, { isLocal }: { isLocal: boolean }): Finding[] {
  const { protocol, hostname } = new URL(config.url);
  const isPublic = !['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  const everything = config.allowedTargets.filter((target) => /\/0$/.test(target));
  const hasRecipients = config.email.apiKey !== '' || config.slack !== null;
  return [
    ...(isPublic && protocol === 'http:'
      ? [warning(`ARMATURE_URL is ${config.url}: passwords travel unencrypted`, 'Use https, behind a reverse proxy.')]
      : []),
    ...(isPublic && protocol === 'https:' && config.trustedProxies.length === 0
      ? [
          warning(
            'ARMATURE_TRUSTED_PROXIES is empty, so the addresses of people behind the proxy are unknown and sign-in attempts are not limited by network',
            "Set it to the proxy's address.",
          ),
        ]
      : []),
    ...(everything.length > 0
      ? [
          warning(
            `ARMATURE_ALLOWED_TARGETS contains ${everything.join(', ')}: members can reach every private address`,
            'Name the networks of the servers that are tested.',
          ),
        ]
      : []),
    ...(config.openSignup && isPublic
      ? [warning('ARMATURE_OPEN_SIGNUP is on: everyone may sign up', 'Turn it off unless that is intended.')]
      : []),
    ...(hasRecipients || isLocal
      ? []
      : [
          warning(
            'Neither e-mail nor Slack is configured: alerts reach webhooks and the outbox page only',
            'Set RESEND_API_KEY and ARMATURE_EMAIL_FROM, or the variables of Slack.',
          ),
        ]),
    ...config.providers
      .filter(({ apiKey }) => !apiKey)
      .map(({ name }) =>
        warning(`The model provider ${name} has no API key, so its models can't be used`, 'Set its key.'),
      ),
  ];
}

/** Whether checks and alert messages that were due have been worked on, whatever the workers say of themselves. */
export async function examineWork({ db, now }: Pick<Deps, 'db' | 'now'>): Promise<Finding[]> {
  try {
    const found = await findStandstill(db, { orgId: null, at: now() });
    if (found.length === 0) return [ok('Checks and alert messages that were due have been worked on')];
    return found.map(({ problem: text, todo }) => problem(text, todo));
  } catch (error) {
    const text = `Whether checks and alert messages stand still can't be read: ${toReason(error)}`;
    return [problem(text, 'Solve the problems of the databases first.')];
  }
}
