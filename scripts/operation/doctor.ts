/**
 * `npm run doctor` (docs/operating.md, "Doctor"): examines an installation, and says what to do about what it finds.
 */
import { join } from 'node:path';
import { type Config, readConfig } from '../../infra/config/index.ts';
import { createLogger } from '../../infra/logger/index.ts';
import { createDeps } from '../../services/context/deps.ts';
import { findRunningTemporal } from '../embedded/temporal-server.ts';
import { readKeys } from '../start/keys.ts';
import { type Finding, ok, problem } from './examine/finding.ts';
import { examineDatabases, examineDisk, examineSecrets, examineSettings, examineWork } from './examine/installation.ts';
import { examineTemporal } from './examine/temporal.ts';
import { type Databases, findHome, isSeparate, openDatabases } from './installation.ts';
import { runCommand, say } from './run.ts';

/** @param report is called with each finding as soon as it is known */
export async function examine(env: NodeJS.ProcessEnv, report: (findings: Finding[]) => void): Promise<void> {
  let databases: Databases;
  try {
    databases = await openDatabases(env);
  } catch (error) {
    return report([problem(error instanceof Error ? error.message : String(error), 'Then start this again.')]);
  }
  try {
    const config = await configure(env, databases, report);
    if (!config) return;
    const isEmbedded = !isSeparate(env);
    report(examineSettings(config, { isLocal: isEmbedded }));
    report(await examineDatabases(config));
    // Parts of the client would write the causes of failures that are reported here.
    const deps = createDeps(config, createLogger({ level: 'silent', process: 'doctor' }));
    try {
      report(await examineSecrets(deps));
      report(
        databases.isStarted && !env.TEMPORAL_ADDRESS
          ? [ok("npm start doesn't run, so Temporal and the worker weren't asked")]
          : [...(await examineTemporal(config, deps.temporal)), ...(await examineWork(deps))],
      );
    } finally {
      await deps.close();
    }
    if (isEmbedded) report(await examineDisk(findHome(env)));
    else report([ok("The disks of separate servers can't be seen from here: watch them where they are")]);
  } finally {
    await databases.close();
  }
}

/** Reads the configuration as api and worker get it. Reports each problem of it, and then returns null. */
async function configure(
  env: NodeJS.ProcessEnv,
  databases: Databases,
  report: (findings: Finding[]) => void,
): Promise<Config | null> {
  const home = findHome(env);
  const keys = isSeparate(env) ? null : readKeys(home);
  const temporal = await findRunningTemporal(join(home, 'temporal'));
  try {
    const config = readConfig({
      ...(keys && {
        ARMATURE_SECRETS_KEY: keys.secretsKey,
        ARMATURE_AUTH_SECRET: keys.authSecret,
        TEMPORAL_ADDRESS: temporal ?? `127.0.0.1:${env.ARMATURE_TEMPORAL_PORT || 7233}`,
      }),
      ...env,
      DATABASE_URL: env.DATABASE_URL || toAppUrl(databases),
      SECRETS_DATABASE_URL: databases.secretsUrl,
    });
    report([ok('The configuration is complete')]);
    return config;
  } catch (error) {
    const lines = (error instanceof Error ? error.message : String(error)).split('\n  - ');
    report((lines.length > 1 ? lines.slice(1) : lines).map((line) => problem(line, 'See docs/configuration.md.')));
    return null;
  }
}

function toAppUrl({ url, appRole }: Databases): string {
  if (!appRole) return url;
  const address = new URL(url);
  address.username = encodeURIComponent(appRole.name);
  address.password = encodeURIComponent(appRole.password);
  return address.href;
}

const labels = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ' } as const;

async function main(args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  if (args.length > 0) throw new Error('Usage: npm run doctor');
  const count = { ok: 0, warning: 0, problem: 0 };
  await examine(env, (findings) => {
    for (const finding of findings) {
      count[finding.level] += 1;
      say(`${labels[finding.level]} ${finding.text.replace(/\.$/, '')}.`);
      if (finding.level !== 'ok') say(`${' '.repeat(labels.ok.length)} → ${finding.todo}`);
    }
  });
  const summary = `\nProblems: ${count.problem}, warnings: ${count.warning}`;
  if (count.problem > 0) throw new Error(summary);
  say(summary);
}

if (import.meta.main) await runCommand(main);
