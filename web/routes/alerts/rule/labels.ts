import type { AlertConditions } from '../../../../domain/notification/rule.ts';

type Told = {
  target: { kind: string; name?: string | null };
  conditions: AlertConditions;
  /** Such as `ada@example.com`; null or empty for no destination. */
  to: string | null;
};

/** `1 hour`, `90 minutes`, `2 days`. */
export function span(minutes: number): string {
  const [count, unit] =
    minutes % 1440 === 0 && minutes > 0
      ? [minutes / 1440, 'day']
      : minutes % 60 === 0 && minutes > 0
        ? [minutes / 60, 'hour']
        : [minutes, 'minute'];
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}
/** `every hour`, `every 15 minutes`. */
export const every = (minutes: number): string => `every ${span(minutes).replace(/^1 /, '')}`;

const quoted = (name: string | null | undefined, otherwise: string) => (name ? `“${name}”` : otherwise);

/** The label of a target in lists. */
export function targetLabel({ kind, name }: Told['target']): string {
  switch (kind) {
    case 'workflow':
      return `Workflow ${quoted(name, 'not chosen yet')}`;
    case 'all_workflows':
      return 'All workflows';
    case 'monitor':
      return `Monitor ${quoted(name, 'not chosen yet')}`;
    case 'all_monitors':
      return 'All monitors';
    case 'server':
      return `Server ${quoted(name, 'not chosen yet')} with all that belongs to it`;
    case 'all_servers':
      return 'All servers with all that belongs to them';
    case 'tool_changes':
      return name ? `Breaking tool changes of ${quoted(name, '')}` : 'Breaking tool changes of all servers';
    case 'report':
      return 'New findings in reports on servers';
    case 'budget':
      return 'Budgets of the workspace';
    default:
      return 'Armature itself';
  }
}

/** Describes a rule in one sentence. */
export function ruleSentence({ target, conditions, to }: Told): string {
  const { remindEveryMinutes, tellRecovery, cooldownMinutes } = conditions;
  const after = [
    remindEveryMinutes === null ? 'once' : `once, then a reminder ${every(remindEveryMinutes)} while it lasts`,
    ...(tellRecovery
      ? [`a note when it ${target.kind === 'tool_changes' ? 'is compatible again or accepted' : 'has recovered'}`]
      : []),
  ].join(', and ');
  const quiet =
    cooldownMinutes > 0
      ? ` After that it keeps quiet about new failures of the same for ${span(cooldownMinutes)}.`
      : '';
  return `Notifies ${to || 'nobody yet'} when ${trigger(target, conditions)}: ${after}.${quiet}`;
}

/** When a rule notifies, as the rest of a sentence. */
export function trigger({ kind, name }: Told['target'], conditions: AlertConditions): string {
  switch (kind) {
    case 'workflow':
    case 'all_workflows': {
      const what = kind === 'workflow' ? `workflow ${quoted(name, '…')}` : 'any workflow';
      const ways = [
        'fails',
        ...(conditions.onPartial ? ['is partial'] : []),
        'ends in an error',
        ...(conditions.onFlagged ? ['calls a blocked tool'] : []),
      ];
      const which = conditions.includeManualRuns ? 'a run of' : 'a scheduled run of';
      return `${which} ${what} ${listed(ways)}${often(conditions)}`;
    }
    case 'monitor':
    case 'all_monitors': {
      const what = kind === 'monitor' ? `monitor ${quoted(name, '…')}` : 'any monitor';
      return `a check of ${what} ${listed(['fails', 'has an error', ...(conditions.onDegraded ? ['is degraded'] : [])])}${often(conditions)}`;
    }
    case 'server':
    case 'all_servers': {
      const what = kind === 'server' ? `server ${quoted(name, '…')}` : 'any server';
      return `${what} doesn't answer, one of its checks or ${conditions.includeManualRuns ? '' : 'scheduled '}runs fails${often(conditions)}, or one of its tools changes so that callers may break`;
    }
    case 'tool_changes':
      return `a tool of ${name ? quoted(name, '') : 'any server'} changes so that callers may break`;
    case 'report':
      return 'the report on a server has a new finding that must be corrected';
    case 'budget':
      return 'a budget of the workspace, or of one of its workflows, is 80 % used';
    default:
      return 'no worker takes work, schedules are late, or a model provider refuses its key';
  }
}

function often({ threshold }: AlertConditions): string {
  if (threshold.kind === 'within') return `, ${threshold.failures} times within ${span(threshold.minutes)}`;
  return threshold.failures > 1 ? `, ${threshold.failures} times in a row` : '';
}

const listed = (words: readonly string[]) =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
