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
    target: target.id === null ? target.kind : `${target.kind}:${target.id}`,
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

/** As the use cases take it; they validate it. A target is written `kind` or `kind:id`. */
export function toRuleInput({ get, has }: Fields) {
  return {
    name: get('name'),
    target: targetOf(get('target')),
    destination: toDestination({ get, has }),
    conditions: toConditions({ get, has }),
  };
}

function targetOf(written: string) {
  const [kind = '', id] = written.split(':');
  switch (kind) {
    case 'all_workflows':
    case 'all_monitors':
    case 'all_servers':
    case 'budget':
      return { kind } as const;
    case 'tool_changes':
      return { kind, id: id ?? null } as const;
    case 'monitor':
    case 'server':
      return { kind, id: id ?? '' } as const;
    default:
      return { kind: 'workflow', id: id ?? '' } as const;
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
