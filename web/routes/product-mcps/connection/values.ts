import type { Connection } from '../../../../domain/product-mcp/connection.ts';
import type { Values } from '../../../shell/form.ts';
import { kept, text } from '../../../shell/form.ts';

/** The fields of the form: all of them, whichever a choice needs. */
export type ConnectionFields = {
  sourceIn: string;
  sourceName: string;
  targetIn: string;
  targetName: string;
  format: string;
  check: string;
  path: string;
  timeoutSeconds: string;
};

export const newConnection: ConnectionFields = {
  sourceIn: 'header',
  sourceName: 'Authorization',
  targetIn: 'header',
  targetName: 'Authorization',
  format: 'Bearer {credential}',
  check: 'endpoint',
  path: '',
  timeoutSeconds: '30',
};

export function fromConnection(connection: Connection | null): ConnectionFields {
  if (!connection) return newConnection;
  const { source, target, check, timeoutSeconds } = connection;
  return {
    sourceIn: source.in,
    sourceName: source.name,
    targetIn: target.in,
    targetName: target.in === 'basic' ? '' : target.name,
    format: target.in === 'basic' ? '' : target.format,
    check: check.kind,
    path: check.kind === 'endpoint' ? check.path : '',
    timeoutSeconds: String(timeoutSeconds),
  };
}

/** What was typed, over what is stored. */
export const fromValues = (values: Values, stored: ConnectionFields): ConnectionFields => ({
  sourceIn: kept(values, 'sourceIn', stored.sourceIn),
  sourceName: kept(values, 'sourceName', stored.sourceName),
  targetIn: kept(values, 'targetIn', stored.targetIn),
  targetName: kept(values, 'targetName', stored.targetName),
  format: kept(values, 'format', stored.format),
  check: kept(values, 'check', stored.check),
  path: kept(values, 'path', stored.path),
  timeoutSeconds: kept(values, 'timeoutSeconds', stored.timeoutSeconds),
});

/** The form as the use case takes it. */
export function toConnection(form: FormData) {
  const name = text(form, 'sourceName');
  const target = { name: text(form, 'targetName'), format: text(form, 'format') };
  return {
    source: text(form, 'sourceIn') === 'query' ? { in: 'query' as const, name } : { in: 'header' as const, name },
    target: toTarget(text(form, 'targetIn'), target),
    check:
      text(form, 'check') === 'presence_only'
        ? { kind: 'presence_only' as const }
        : { kind: 'endpoint' as const, path: text(form, 'path') },
    timeoutSeconds: Number(text(form, 'timeoutSeconds')),
  };
}

function toTarget(place: string, { name, format }: { name: string; format: string }) {
  const given = { name, ...(format !== '' && { format }) };
  if (place === 'basic') return { in: 'basic' as const };
  if (place === 'query') return { in: 'query' as const, ...given };
  return place === 'cookie' ? { in: 'cookie' as const, ...given } : { in: 'header' as const, ...given };
}
