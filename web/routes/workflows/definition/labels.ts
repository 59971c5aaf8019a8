const names: { [field: string]: string } = {
  name: 'Name',
  description: 'Description',
  serverId: 'Server',
  authProfileId: 'Auth profile',
  testerModels: 'Tester models',
  judgeModel: 'Judge model',
  prompt: 'Prompt',
  criteria: 'Success criteria',
  schedule: 'Schedule',
  timezone: 'Time zone',
  toolPolicy: 'Tool policy',
  limits: 'Limits',
  retryPolicy: 'Retries',
  storeToolResults: 'Store tool results',
  metadata: 'Metadata',
};

/** Of the parts of a field: `limits.toolCalls`. */
const partNames: { [part in string]?: string } = {
  'toolPolicy.allowedTools': 'Allowed tools',
  'toolPolicy.blockedTools': 'Blocked tools',
  'limits.turns': 'Model turns per run',
  'limits.toolCalls': 'Tool calls per run',
  'limits.seconds': 'Seconds per run',
  'limits.tokens': 'Tokens per run',
  'limits.toolCallSeconds': 'Seconds per tool call',
  'retryPolicy.attempts': 'Attempts',
  'retryPolicy.backoffSeconds': 'Seconds before the second attempt',
};

/** The label of a field, or of a part of one: `limits.toolCalls` → `Tool calls per run`. */
export function fieldName(field: string): string {
  const [first = '', ...rest] = field.split('.');
  const name = names[first] ?? first;
  return partNames[field] ?? (rest.length > 0 ? `${name}: ${rest.join('.')}` : name);
}

/** Converts the path of an invalid field (`definition.criteria[2].text`) to its label on the page (Criterion 3). */
export function fieldLabel(path: string): string {
  const [first = '', ...rest] = path.replace(/^(definition|changes)\./, '').split('.');
  const part = partNames[[first, ...rest].join('.').replace(/\[\d+\]$/, '')];
  if (part !== undefined) return part;
  const criterion = /^criteria\[(\d+)\]$/.exec(first);
  if (criterion) return `Criterion ${Number(criterion[1]) + 1}`;
  const [name = '', at] = first.split('[');
  const words = [fieldName(name), ...rest]
    .join(', ')
    .replace(/([a-z])([A-Z])/g, (_, end, start) => `${end} ${start.toLowerCase()}`);
  const shown = name === 'url' ? 'URL' : words.charAt(0).toUpperCase() + words.slice(1);
  return at === undefined ? shown : `${shown} (${Number.parseInt(at, 10) + 1})`;
}

const isCriterion = (value: unknown): value is { text: string; isRequired: boolean } =>
  typeof value === 'object' &&
  value !== null &&
  'text' in value &&
  typeof value.text === 'string' &&
  'isRequired' in value &&
  typeof value.isRequired === 'boolean';

/** Formats a field of a definition for people; equal values give equal text. */
export function valueText(field: string, value: unknown): string {
  if (value === null || value === undefined) {
    if (field === 'schedule') return 'Manual';
    return field === 'authProfileId' ? "The server's default" : '';
  }
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  if (field === 'criteria' && Array.isArray(value) && value.every(isCriterion))
    return value.map(({ text, isRequired }) => `${text.trim()}${isRequired ? '' : ' (optional)'}`).join('\n');
  if (typeof value === 'string') return value.trim();
  if (Array.isArray(value)) return value.map(String).join('\n');
  if (typeof value === 'object')
    return Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, part]) => {
        const text = Array.isArray(part) ? part.join(', ') || '–' : String(part);
        return `${partNames[`${field}.${key}`] ?? key}: ${text}`;
      })
      .join('\n');
  return String(value);
}
