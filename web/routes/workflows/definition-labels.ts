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

export const fieldName = (field: string): string => names[field] ?? field;

/** Converts the path of an invalid field (`definition.criteria[2].text`) to its label on the page (Criterion 3). */
export function fieldLabel(path: string): string {
  const [first = '', ...rest] = path.replace(/^(definition|changes)\./, '').split('.');
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
  if (value === null || value === undefined) return field === 'schedule' ? 'Manual' : '';
  if (field === 'criteria' && Array.isArray(value) && value.every(isCriterion))
    return value.map(({ text, isRequired }) => `${text.trim()}${isRequired ? '' : ' (optional)'}`).join('\n');
  if (typeof value === 'string') return value.trim();
  if (Array.isArray(value)) return value.map(String).join('\n');
  if (typeof value === 'object')
    return Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, part]) => `${key}: ${Array.isArray(part) ? part.join(', ') || '–' : String(part)}`)
      .join('\n');
  return String(value);
}
