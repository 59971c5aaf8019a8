import { sameJson } from '../json/json.ts';
import { readDuration, writeDuration } from './duration.ts';
import type { CodeMonitor } from './schema.ts';

/** A monitor of a file with every member filled in. */
export type FullMonitor = {
  id: string;
  name: string;
  tool: string;
  arguments: { [name: string]: unknown };
  every: CodeMonitor['every'];
  assertions: string[];
  /** Null: no check is too slow. */
  slowerThan: string | null;
  timeout: string;
  /** Null: the server's default profile. */
  authProfile: string | null;
  checkOutputSchema: boolean;
  storeResults: boolean;
};

const standardTimeout = '30s';

export const fillMonitor = (given: CodeMonitor): FullMonitor => ({
  id: given.id,
  name: given.name ?? given.id,
  tool: given.tool,
  arguments: given.arguments ?? {},
  every: given.every,
  assertions: given.assertions ?? [],
  slowerThan: given.slowerThan === undefined ? null : writeDuration(readMs(given.slowerThan), 'ms'),
  timeout: writeDuration(readMs(given.timeout ?? standardTimeout) / 1000, 's'),
  authProfile: given.authProfile ?? null,
  checkOutputSchema: given.checkOutputSchema ?? true,
  storeResults: given.storeResults ?? true,
});

/** Leaves out what `fillMonitor` fills in. */
export const compactMonitor = (full: FullMonitor): CodeMonitor => ({
  id: full.id,
  ...(full.name !== full.id && { name: full.name }),
  tool: full.tool,
  ...(!sameJson(full.arguments, {}) && { arguments: full.arguments }),
  every: full.every,
  ...(full.assertions.length > 0 && { assertions: full.assertions }),
  ...(full.slowerThan !== null && { slowerThan: full.slowerThan }),
  ...(full.timeout !== standardTimeout && { timeout: full.timeout }),
  ...(full.authProfile !== null && { authProfile: full.authProfile }),
  ...(!full.checkOutputSchema && { checkOutputSchema: false }),
  ...(!full.storeResults && { storeResults: false }),
});

type Settings = {
  name: string;
  tool: string;
  arguments: { [name: string]: unknown };
  intervalSeconds: number;
  timeoutSeconds: number;
  degradedAboveMs: number | null;
  assertions: string[];
  checkOutputSchema: boolean;
  storeResults: boolean;
};

/** The API's members of a monitor. */
export const toMonitorSettings = (full: FullMonitor): Settings => ({
  name: full.name,
  tool: full.tool,
  arguments: full.arguments,
  intervalSeconds: readMs(full.every) / 1000,
  timeoutSeconds: readMs(full.timeout) / 1000,
  degradedAboveMs: full.slowerThan === null ? null : readMs(full.slowerThan),
  assertions: full.assertions,
  checkOutputSchema: full.checkOutputSchema,
  storeResults: full.storeResults,
});

/** @param of.authProfile its name; null for the server's default one */
export const fromMonitorSettings = (
  settings: Settings,
  { id, authProfile }: { id: string; authProfile: string | null },
): FullMonitor => ({
  id,
  name: settings.name,
  tool: settings.tool,
  arguments: settings.arguments,
  every: writeDuration(settings.intervalSeconds, 's'),
  assertions: settings.assertions,
  slowerThan: settings.degradedAboveMs === null ? null : writeDuration(settings.degradedAboveMs, 'ms'),
  timeout: writeDuration(settings.timeoutSeconds, 's'),
  authProfile,
  checkOutputSchema: settings.checkOutputSchema,
  storeResults: settings.storeResults,
});

/** The schema has checked the durations of a file. */
function readMs(text: string): number {
  const ms = readDuration(text, 'ms');
  if (ms === null) throw new Error(`Invalid duration "${text}".`);
  return ms;
}
