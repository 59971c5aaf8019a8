import type { StatusPageSettings } from '../../../services/status-page/get.ts';
import type { Values } from '../../shell/form.ts';

/** What the form of the settings shows: what is saved, or what was typed. */
export type Shown = {
  enabled: boolean;
  title: string;
  description: string;
  serverIds: string[];
  displayNames: { [serverId: string]: string };
};

export const nameField = 'displayName.';

export const fromValues = (values: Values): Shown => ({
  enabled: values.enabled !== undefined,
  title: values.title?.[0] ?? '',
  description: values.description?.[0] ?? '',
  serverIds: values.serverIds ?? [],
  displayNames: Object.fromEntries(
    Object.entries(values).flatMap(([field, [value = '']]) =>
      field.startsWith(nameField) && value.trim() !== '' ? [[field.slice(nameField.length), value]] : [],
    ),
  ),
});

export const fromSettings = ({ enabled, title, description, serverIds, displayNames }: StatusPageSettings): Shown => ({
  enabled,
  title,
  description,
  serverIds,
  displayNames,
});
