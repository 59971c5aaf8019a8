import type { AlertConditions, Destination } from '../../../../domain/notification/rule.ts';
import type { Values } from '../../../shell/form.ts';

/** The values of a rule's form, from the browser, a refused form or a stored rule. */
export type Fields = { get(name: string): string; has(name: string): boolean };

export const fromForm = (form: FormData): Fields => ({
  get(name) {
    const value = form.get(name);
    return typeof value === 'string' ? value : '';
  },
  has: (name) => form.has(name),
});

export const fromValues = (values: Values): Fields => ({
  get: (name) => values[name]?.[0] ?? '',
  has: (name) => values[name] !== undefined,
});

type Rule = {
  name: string;
  target: { kind: string; id: string | null };
  destination: Destination | null;
  conditions: AlertConditions;
};

export function fromRule({ name, target, destination, conditions }: Rule): Fields {
  const { threshold, remindEveryMinutes, cooldownMinutes, ...flags } = conditions;
  const texts: { [name: string]: string } = {
    name,
    targetKind: target.kind === 'tool_changes' && target.id !== null ? 'tool_changes_of' : target.kind,
    workflowId: target.kind === 'workflow' ? (target.id ?? '') : '',
    monitorId: target.kind === 'monitor' ? (target.id ?? '') : '',
    serverId: target.kind === 'server' || target.kind === 'tool_changes' ? (target.id ?? '') : '',
    destinationKind: destination?.kind ?? 'email',
    address: destination?.kind === 'email' ? destination.address : '',
    installationId: destination?.kind === 'slack' ? destination.installationId : '',
    channel: destination?.kind === 'slack' ? destination.channel : '',
    webhookId: destination?.kind === 'webhook' ? destination.webhookId : '',
    threshold: threshold.kind,
    consecutive: threshold.kind === 'consecutive' ? String(threshold.failures) : '1',
    failures: threshold.kind === 'within' ? String(threshold.failures) : '3',
    minutes: threshold.kind === 'within' ? String(threshold.minutes) : '15',
    remind: remindEveryMinutes === null ? '' : String(remindEveryMinutes),
    cooldown: String(cooldownMinutes),
  };
  const ticked = new Set(Object.entries(flags).flatMap(([flag, isOn]) => (isOn ? [flag] : [])));
  return { get: (field) => texts[field] ?? '', has: (field) => field in texts || ticked.has(field) };
}

/** As the use cases take it; they validate it. */
export const toRuleInput = (fields: Fields) => ({
  name: fields.get('name'),
  target: toTarget(fields),
  destination: toDestination(fields),
  conditions: toConditions(fields),
});

/** Kinds of targets as the form offers them, in its order. */
export const targetChoices = [
  'all_servers',
  'server',
  'all_monitors',
  'monitor',
  'all_workflows',
  'workflow',
  'tool_changes',
  'tool_changes_of',
  'report',
  'budget',
] as const;
export type TargetChoice = (typeof targetChoices)[number];

/** The field that names the target of a kind. */
export const targetField = (choice: string): 'monitorId' | 'workflowId' | 'serverId' | null => {
  switch (choice) {
    case 'monitor':
      return 'monitorId';
    case 'workflow':
      return 'workflowId';
    case 'server':
    case 'tool_changes_of':
      return 'serverId';
    default:
      return null;
  }
};

export function toTarget({ get }: Fields) {
  const kind = get('targetKind');
  switch (kind) {
    case 'all_workflows':
    case 'all_monitors':
    case 'all_servers':
    case 'report':
    case 'budget':
      return { kind } as const;
    case 'tool_changes':
      return { kind, id: null } as const;
    case 'tool_changes_of':
      return { kind: 'tool_changes', id: get('serverId') } as const;
    case 'monitor':
      return { kind, id: get('monitorId') } as const;
    case 'server':
      return { kind, id: get('serverId') } as const;
    default:
      return { kind: 'workflow', id: get('workflowId') } as const;
  }
}

export function toDestination({ get }: Fields): Destination {
  switch (get('destinationKind')) {
    case 'slack':
      return { kind: 'slack', installationId: get('installationId'), channel: get('channel').trim() };
    case 'webhook':
      return { kind: 'webhook', webhookId: get('webhookId') };
    default:
      return { kind: 'email', address: get('address').trim() };
  }
}

export function toConditions({ get, has }: Fields): AlertConditions {
  return {
    onDegraded: has('onDegraded'),
    onPartial: has('onPartial'),
    onFlagged: has('onFlagged'),
    includeManualRuns: has('includeManualRuns'),
    threshold:
      get('threshold') === 'within'
        ? { kind: 'within', failures: Number(get('failures')), minutes: Number(get('minutes')) }
        : { kind: 'consecutive', failures: Number(get('consecutive')) },
    remindEveryMinutes: get('remind') === '' ? null : Number(get('remind')),
    tellRecovery: has('tellRecovery'),
    cooldownMinutes: Number(get('cooldown')),
  };
}
