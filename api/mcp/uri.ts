import { ArmatureError } from '../../domain/error/error.ts';
import { validationError } from '../../services/context/errors.ts';

/**
 * Finds the template that a URI matches, and the id in it.
 * @param templates URIs with or without an `{id}`.
 * @throws ArmatureError `validation_failed` for a query string or fragment, `resource_not_found`.
 */
export function parseUri<const T extends string>(uri: string, templates: readonly T[]): { template: T; id: string } {
  if (/[?#]/.test(uri))
    throw validationError([{ field: 'uri', message: 'Resource URIs take no query string and no fragment.' }]);
  for (const template of templates) {
    const [before = '', after] = template.split('{id}');
    if (after === undefined) {
      if (uri === template) return { template, id: '' };
      continue;
    }
    if (!uri.startsWith(before) || !uri.endsWith(after) || uri.length < before.length + after.length) continue;
    const id = uri.slice(before.length, uri.length - after.length);
    if (/^[^/]+$/.test(id)) return { template, id };
  }
  throw new ArmatureError(
    'resource_not_found',
    'Unknown resource.',
    'List the resources and resource templates for valid URIs; ids come from the tools.',
  );
}
