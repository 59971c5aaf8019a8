import type { ToolAnnotations } from './tool.ts';

/** What the method of an operation promises. What a person set counts more. */
export function annotate(method: string, override: ToolAnnotations = {}): ToolAnnotations {
  const readOnly = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
  const idempotent = method === 'PUT' || method === 'DELETE';
  return {
    readOnlyHint: readOnly,
    ...(readOnly ? {} : { destructiveHint: method === 'DELETE', idempotentHint: idempotent }),
    ...override,
  };
}
