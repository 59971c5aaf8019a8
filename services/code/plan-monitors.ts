import { compactMonitor, type FullMonitor, fillMonitor, toMonitorSettings } from '../../domain/code/monitor.ts';
import { diffProperties } from '../../domain/code/properties.ts';
import type { CodeMonitor } from '../../domain/code/schema.ts';
import { sameJson } from '../../domain/json/json.ts';
import { listFieldErrors } from '../context/errors.ts';
import { objectOf } from '../monitor/reading/view.ts';
import { monitorInput } from '../monitor/schema.ts';
import { argumentsKey, checkArguments, unmask, validationBudget } from '../monitor/tool-call/arguments.ts';
import { assertionErrors } from '../monitor/tool-call/assertions.ts';
import { toolProblem } from '../monitor/tool-call/catalog-tool.ts';
import { hashOf } from './hash.ts';
import { claimId, eachItem, type Planning, serverOfFile, toLeftover } from './planning.ts';
import { resolveProfile } from './resolve.ts';
import type { MonitorItem } from './state.ts';
import type { MonitorStep } from './steps.ts';

type Wanted = NonNullable<MonitorStep['next']>;

/** What has to be done to the monitors of a workspace, so that they are as the files say. */
export function planMonitors(planning: Planning): MonitorStep[] {
  const { state } = planning;
  const bySlug = new Map(state.monitors.map((item) => [item.row.slug, item]));
  const named = new Map<string, string>();
  const budget = validationBudget();
  const steps = eachItem(planning, 'monitors').flatMap(({ file, item, field }): MonitorStep[] => {
    if (!claimId(planning, named, { id: item.id, field })) return [];
    const current = bySlug.get(item.id) ?? null;
    const next = read(planning, { file, item, field, current });
    const step = next && toStep(planning, { current, next, field });
    if (!step) return [];
    checkCall(planning, step, field, budget);
    return [step];
  });
  const others = state.monitors.filter(({ row }) => !named.has(row.slug));
  const archived = toLeftover(planning, 'monitors', others, ({ row }) => ({
    kind: 'monitor',
    id: row.slug,
    name: row.name,
  })).map(
    ({ item, change }): MonitorStep => ({
      kind: 'monitor',
      change: { ...change, baseVersion: baseOf(item) },
      current: item,
      next: null,
    }),
  );
  const all = [...steps, ...archived];
  refuseSameCalls(planning, all);
  return all;
}

const baseOf = ({ row, full }: MonitorItem): string => hashOf([row.id, row.arguments, full]);

type Given = { file: number; item: CodeMonitor; field: string; current: MonitorItem | null };

/** What a file asks for, with masked arguments resolved; null with a problem. */
function read(planning: Planning, { file, item, field, current }: Given): Wanted | null {
  const { state, problems, redactorOf } = planning;
  const serverId = serverOfFile(planning, file, current?.row.serverId);
  if (serverId === null) return null;
  const full = fillMonitor(item);
  const authProfileId = resolveProfile(
    state,
    { serverId, name: full.authProfile },
    { field: `${field}.authProfile`, current: full.authProfile === null ? null : current?.row.authProfileId, problems },
  );
  if (authProfileId === undefined) return null;
  const fixed = (member: string) =>
    problems.push({
      field: `${field}.${member}`,
      message: `A monitor keeps its ${member}. Give the other one another id.`,
    });
  if (current && current.row.tool !== full.tool) fixed('tool');
  if (current && current.row.serverId !== serverId) fixed('server');
  const stored = current?.row.arguments;
  const shown = current ? redactorOf(current.row).value(stored) : undefined;
  const { value, errors } = unmask(full.arguments, stored, shown, [field, 'arguments']);
  const args = objectOf(value);
  const parsed = monitorInput.safeParse({ ...toMonitorSettings(full), arguments: args });
  problems.push(
    ...errors,
    ...listFieldErrors(parsed.error, [field]),
    ...assertionErrors(full.assertions, full.tool, `${field}.assertions`),
  );
  return { full: { ...full, arguments: args }, serverId, authProfileId };
}

function toStep(
  { redactorOf, state }: Planning,
  { current, next, field }: { current: MonitorItem | null; next: Wanted; field: string },
): MonitorStep | null {
  const { full, serverId } = next;
  const masked: FullMonitor = { ...full, arguments: objectOf(redactorOf(next).value(full.arguments)) };
  const shown = (item: CodeMonitor | FullMonitor) => {
    const { id: _, ...rest } = item;
    return rest;
  };
  const server = state.servers.find(({ id }) => id === serverId)?.name ?? serverId;
  const properties = current
    ? diffProperties(shown(current.full), shown(masked))
    : diffProperties(null, { server, ...shown(compactMonitor(masked)) });
  // Two secrets look the same.
  if (
    current &&
    !properties.some(({ name }) => name.startsWith('arguments')) &&
    !sameJson(current.row.arguments, full.arguments)
  )
    properties.push({ name: 'arguments', before: current.full.arguments, after: masked.arguments });
  if (current && properties.length === 0 && current.row.authProfileId === next.authProfileId) return null;
  return {
    kind: 'monitor',
    change: {
      kind: 'monitor',
      id: full.id,
      name: full.name,
      action: current ? 'change' : 'create',
      field,
      baseVersion: current && baseOf(current),
      properties,
    },
    current,
    next,
  };
}

/** Of a new monitor, or new arguments: against the catalog. A tool that is gone later is a warning. */
function checkCall(
  { findTool, problems, warnings }: Planning,
  { current, next }: MonitorStep,
  field: string,
  budget: ReturnType<typeof validationBudget>,
): void {
  if (!next) return;
  const { tool, arguments: args } = next.full;
  const known = findTool(next.serverId, tool);
  const problem = toolProblem(tool, known);
  if (problem !== null && current)
    warnings.push({ code: 'monitor_tool_missing', message: `${problem} Its checks fail.`, field: `${field}.tool` });
  else if (problem !== null) problems.push({ field: `${field}.tool`, message: problem });
  if (!known || (current && sameJson(current.row.arguments, args))) return;
  const fit = checkArguments({ tool, schema: known.inputSchema }, args, { field: [field, 'arguments'], budget });
  problems.push(...fit.errors);
  warnings.push(...fit.warnings);
}

/** One monitor per server, profile, tool and arguments. */
function refuseSameCalls({ state, problems }: Planning, steps: readonly MonitorStep[]): void {
  const touched = new Set(steps.map(({ current }) => current?.row.id));
  const calls = new Map(
    state.monitors
      .filter(({ row }) => !touched.has(row.id))
      .map(({ row }) => [[row.serverId, row.authProfileId, row.tool, row.argumentsKey].join(' '), row.slug]),
  );
  for (const { change, next } of steps) {
    if (!next) continue;
    const key = [next.serverId, next.authProfileId, next.full.tool, argumentsKey(next.full.arguments)].join(' ');
    const same = calls.get(key);
    if (same !== undefined)
      problems.push({
        field: change.field ?? '',
        message: `The monitor "${same}" makes the same call. Change the arguments, or remove one.`,
      });
    calls.set(key, next.full.id);
  }
}
