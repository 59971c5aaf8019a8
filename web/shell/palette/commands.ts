import { atLeast, type Role } from '../../../domain/role/role.ts';
import { groups, settingsOf } from '../frame/entries.ts';

export type Command = { text: string; to: string; keys?: string };

/** The pages of a workspace that the role may see. */
export function pagesOf(slug: string, role: Role): Command[] {
  const entries = groups.flatMap((group) => group.entries);
  return [
    ...entries.map(({ to, text, key }) => ({ text, to: `/o/${slug}${to ? `/${to}` : ''}`, keys: `g ${key}` })),
    ...settingsOf(role).map(({ to, text }) => ({ text: `Settings: ${text}`, to: `/o/${slug}/settings/${to}` })),
    { text: 'Documentation', to: '/docs' },
  ];
}

const creations: { text: string; to: string; role: Role }[] = [
  { text: 'Create workflow', to: 'workflows/new', role: 'editor' },
  { text: 'Add monitors', to: 'monitors/new', role: 'editor' },
  { text: 'Create alert rule', to: 'alerts/rules/new', role: 'editor' },
  { text: 'Connect server', to: 'servers/new', role: 'admin' },
  { text: 'Create API key', to: 'settings/keys', role: 'viewer' },
];

/** What the role may create. */
export const creationsOf = (slug: string, role: Role): Command[] =>
  creations.filter((each) => atLeast(role, each.role)).map(({ text, to }) => ({ text, to: `/o/${slug}/${to}` }));

/** Where each kind of found thing is, below `/o/:org/`. */
export const placeOf = {
  workflow: 'workflows',
  server: 'servers',
  monitor: 'monitors',
  rule: 'alerts/rules',
  run: 'runs',
} as const;
export const kindLabel = {
  workflow: 'Workflow',
  server: 'Server',
  monitor: 'Monitor',
  rule: 'Alert rule',
  run: 'Run',
} as const;
