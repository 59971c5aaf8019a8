import { scheduleLabel } from '../../../../domain/schedule/schedule.ts';
import type { WorkflowDefinition } from '../../../../domain/workflow/definition.ts';
import type { FieldDiff } from '../../../../domain/workflow/definition-diff.ts';

/** Names of what a definition has ids of. */
type Names = {
  server: { id: string; name: string };
  authProfiles: { id: string; name: string }[];
};

const nameOf = (field: string, id: string, { server, authProfiles }: Names): string =>
  field === 'serverId'
    ? id === server.id
      ? server.name
      : 'Another server'
    : (authProfiles.find((profile) => profile.id === id)?.name ?? 'A deleted auth profile');

/** A definition with names and labels in place of ids and cron expressions, to be read. */
export function toReadable(
  definition: Pick<WorkflowDefinition, 'serverId' | 'authProfileId' | 'schedule' | 'timezone'>,
  names: Names,
): { [field: string]: unknown } {
  const { serverId, authProfileId, schedule, timezone, ...rest } = definition;
  return {
    ...rest,
    serverId: nameOf('serverId', serverId, names),
    authProfileId: authProfileId === null ? null : nameOf('authProfileId', authProfileId, names),
    schedule: schedule === null ? null : `${scheduleLabel(schedule, timezone)}: ${schedule}`,
    timezone,
  };
}

/** The same for differences. @param of.timezone of the later version */
export const toReadableDiff = (
  diff: readonly FieldDiff[],
  { timezone, ...names }: Names & { timezone: string },
): FieldDiff[] =>
  diff.map((each) => {
    if (each.kind !== 'value') return each;
    const show = (value: typeof each.before) => {
      if (typeof value !== 'string') return value;
      if (each.field === 'schedule') return scheduleLabel(value, timezone);
      return each.field === 'serverId' || each.field === 'authProfileId' ? nameOf(each.field, value, names) : value;
    };
    return { ...each, before: show(each.before), after: show(each.after) };
  });
