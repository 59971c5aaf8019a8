import { ArmatureError } from '../../domain/error/error.ts';
import { validationError } from '../../services/context/errors.ts';

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Which resource a URI names, and the id in it.
 * @param templates URIs with `{id}` where the id stands, or without.
 * @throws ArmatureError `validation_failed` for a query string or fragment, `resource_not_found`.
 */
export function parseUri<const T extends string>(uri: string, templates: readonly T[]): { template: T; id: string } {
  if (/[?#]/.test(uri))
    throw validationError([{ field: 'uri', message: 'Resources of Armature take no query string and no fragment.' }]);
  for (const template of templates) {
    const [before = '', after] = template.split('{id}');
    if (after === undefined) {
      if (uri === template) return { template, id: '' };
      continue;
    }
    if (!uri.startsWith(before) || !uri.endsWith(after) || uri.length < before.length + after.length) continue;
    const id = uri.slice(before.length, uri.length - after.length);
    if (uuid.test(id)) return { template, id };
  }
  throw new ArmatureError(
    'resource_not_found',
    'There is no such resource.',
    'List the resources and the resource templates for the URIs that there are; ids come from the tools.',
  );
}
