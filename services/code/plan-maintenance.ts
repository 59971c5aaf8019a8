import type { CodeMaintenance } from '../../domain/code/schema.ts';
import type { MaintenanceWindowModel } from '../../prisma/generated/models.ts';
import { listFieldErrors } from '../context/errors.ts';
import { maintenanceInput, maintenanceTimeErrors } from '../maintenance/create.ts';
import { hashOf } from './hash.ts';
import { eachItem, type Planning, serverOfFile, toLeftover } from './planning.ts';
import type { MaintenanceStep } from './steps.ts';

/** What has to be done to the maintenance of a workspace. One is identified by its scope and its times. */
export function planMaintenance(planning: Planning): MaintenanceStep[] {
  const { state, problems, warnings, now } = planning;
  const left = [...state.windows];
  const steps = eachItem(planning, 'maintenance').flatMap(({ file, item, field }): MaintenanceStep[] => {
    const hasServer = planning.files[file]?.file.server !== undefined;
    const serverId = hasServer ? serverOfFile(planning, file) : null;
    if (hasServer && serverId === null) return [];
    const next = toColumns(serverId, item);
    if (next.endsAt <= now) {
      warnings.push({ code: 'maintenance_over', message: 'This maintenance is over. Remove it.', field });
      return [];
    }
    const index = left.findIndex((window) => isSame(window, next));
    const [current = null] = index < 0 ? [] : left.splice(index, 1);
    if (current && current.reason === next.reason) return [];
    const parsed = maintenanceInput.safeParse({ ...item, serverId });
    const found = [
      ...listFieldErrors(parsed.error, [field]),
      ...(current ? [] : maintenanceTimeErrors(item, now, field)),
    ];
    problems.push(...found);
    return [toStep(planning, { current, next, field })];
  });
  const described = (window: MaintenanceWindowModel) => ({
    kind: 'maintenance' as const,
    ...describe(planning, window),
  });
  return [
    ...steps,
    ...toLeftover(planning, 'maintenance', left, described).map(
      ({ item, change }): MaintenanceStep => ({
        kind: 'maintenance',
        change: { ...change, baseVersion: hashOf(item) },
        current: item,
        next: null,
      }),
    ),
  ];
}

type Columns = NonNullable<MaintenanceStep['next']>;

const toColumns = (serverId: string | null, { startsAt, endsAt, reason = '' }: CodeMaintenance): Columns => ({
  serverId,
  startsAt: new Date(startsAt),
  endsAt: new Date(endsAt),
  reason,
});

const isSame = (window: MaintenanceWindowModel, next: Columns): boolean =>
  window.serverId === next.serverId &&
  window.startsAt.getTime() === next.startsAt.getTime() &&
  window.endsAt.getTime() === next.endsAt.getTime();

function describe({ state }: Planning, { serverId, startsAt, endsAt }: Columns): { id: string; name: string } {
  const scope = serverId === null ? 'all servers' : (state.servers.find(({ id }) => id === serverId)?.name ?? serverId);
  const id = `${scope} ${startsAt.toISOString()} ${endsAt.toISOString()}`;
  return { id, name: id };
}

function toStep(
  planning: Planning,
  { current, next, field }: { current: MaintenanceWindowModel | null; next: Columns; field: string },
): MaintenanceStep {
  return {
    kind: 'maintenance',
    change: {
      kind: 'maintenance',
      ...describe(planning, next),
      action: current ? 'change' : 'create',
      field,
      baseVersion: current && hashOf(current),
      properties: [{ name: 'reason', before: current?.reason ?? null, after: next.reason }],
    },
    current,
    next,
  };
}
