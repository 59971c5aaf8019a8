import { type AlertConditions, alertConditions } from '../notification/rule.ts';
import { readDuration, writeDuration } from './duration.ts';
import type { CodeAlertRule } from './schema.ts';

/** An alert rule of a file with every member filled in. */
export type FullAlertRule = Omit<CodeAlertRule, 'conditions'> & {
  conditions: {
    onDegraded: boolean;
    onPartial: boolean;
    onFlagged: boolean;
    includeManualRuns: boolean;
    failures: number;
    /** Null: consecutive failures. */
    within: string | null;
    /** Null: no reminders. */
    remindEvery: string | null;
    tellRecovery: boolean;
    cooldown: string;
  };
};

const standard = fromConditions(alertConditions.parse({}));

export function fillAlertRule({ name, target, destination, conditions = {} }: CodeAlertRule): FullAlertRule {
  const minutes = (text: string | undefined, usual: string | null) =>
    text === undefined ? usual : writeDuration(readMinutes(text), 'm');
  return {
    name,
    target,
    destination,
    conditions: {
      onDegraded: conditions.onDegraded ?? standard.onDegraded,
      onPartial: conditions.onPartial ?? standard.onPartial,
      onFlagged: conditions.onFlagged ?? standard.onFlagged,
      includeManualRuns: conditions.includeManualRuns ?? standard.includeManualRuns,
      failures: conditions.failures ?? standard.failures,
      within: minutes(conditions.within, standard.within),
      remindEvery: minutes(conditions.remindEvery, standard.remindEvery),
      tellRecovery: conditions.tellRecovery ?? standard.tellRecovery,
      cooldown: minutes(conditions.cooldown, null) ?? standard.cooldown,
    },
  };
}

/** Leaves out what `fillAlertRule` fills in. */
export function compactAlertRule({ conditions: own, ...rule }: FullAlertRule): CodeAlertRule {
  const conditions = {
    ...(own.onDegraded !== standard.onDegraded && { onDegraded: own.onDegraded }),
    ...(own.onPartial !== standard.onPartial && { onPartial: own.onPartial }),
    ...(own.onFlagged !== standard.onFlagged && { onFlagged: own.onFlagged }),
    ...(own.includeManualRuns !== standard.includeManualRuns && { includeManualRuns: own.includeManualRuns }),
    ...(own.failures !== standard.failures && { failures: own.failures }),
    ...(own.within !== null && { within: own.within }),
    ...(own.remindEvery !== null && { remindEvery: own.remindEvery }),
    ...(own.tellRecovery !== standard.tellRecovery && { tellRecovery: own.tellRecovery }),
    ...(own.cooldown !== standard.cooldown && { cooldown: own.cooldown }),
  };
  return { ...rule, ...(Object.keys(conditions).length > 0 && { conditions }) };
}

/** The API's conditions. */
export const toConditions = ({
  failures,
  within,
  remindEvery,
  cooldown,
  ...flags
}: FullAlertRule['conditions']): AlertConditions => ({
  ...flags,
  threshold:
    within === null ? { kind: 'consecutive', failures } : { kind: 'within', failures, minutes: readMinutes(within) },
  remindEveryMinutes: remindEvery === null ? null : readMinutes(remindEvery),
  cooldownMinutes: readMinutes(cooldown),
});

export function fromConditions({
  threshold,
  remindEveryMinutes,
  cooldownMinutes,
  ...flags
}: AlertConditions): FullAlertRule['conditions'] {
  return {
    ...flags,
    failures: threshold.failures,
    within: threshold.kind === 'within' ? writeDuration(threshold.minutes, 'm') : null,
    remindEvery: remindEveryMinutes === null ? null : writeDuration(remindEveryMinutes, 'm'),
    cooldown: writeDuration(cooldownMinutes, 'm'),
  };
}

/** The schema has checked the durations of a file. */
function readMinutes(text: string): number {
  const minutes = readDuration(text, 'm');
  if (minutes === null) throw new Error(`Invalid duration "${text}".`);
  return minutes;
}
