import type { ApiDocument } from '../document/document.ts';
import { asList, asNode, asText, isNode, type Node } from '../document/node.ts';
import { describeReference, follow } from '../document/reference.ts';
import { operationsOf } from '../document/strip.ts';
import type { RefusedOperation } from './tool.ts';

export type Refuse = (reason: RefusedOperation['reason'], message: string) => RefusedOperation;

/** An operation with what it has from its path item. */
export type Operation = {
  key: string;
  method: string;
  path: string;
  node: Node;
  parameters: Node[];
  body: Node | null;
  server: string | null;
};

export type Found = { operation: Operation } | { refused: RefusedOperation };

export const isRefused = (value: object): value is RefusedOperation => 'reason' in value;

/** Every operation of a document, in its order. */
export function findOperations({ root }: ApiDocument): Found[] {
  return Object.entries(asNode(root.paths)).flatMap(([path, given]): Found[] => {
    const item = follow(root, given);
    if (!item) {
      const message = `The path refers to ${describeReference(given)}, which isn't in the document. Bundle the document into one file.`;
      return [{ refused: { key: `ANY ${path}`, reason: 'broken_reference', message } }];
    }
    return operationsOf(item).map(({ method, operation }) => readOperation(root, { path, item, method, operation }));
  });
}

type Given = { path: string; item: Node; method: string; operation: Node };

function readOperation(root: Node, { path, item, method, operation }: Given): Found {
  const key = `${method.toUpperCase()} ${path}`;
  const refuse: Refuse = (reason, message) => ({ key, reason, message });
  if (method === 'trace')
    return { refused: refuse('method', 'HTTP clients don’t send TRACE. Remove the operation from the document.') };
  const merged = new Map<string, Node>();
  for (const each of [...asList(item.parameters), ...asList(operation.parameters)]) {
    const parameter = follow(root, each);
    if (!parameter) return { refused: refuse('broken_reference', brokenReference('A parameter', each)) };
    merged.set(parameterKey(parameter), parameter);
  }
  const body = operation.requestBody === undefined ? null : follow(root, operation.requestBody);
  if (body === null && operation.requestBody !== undefined)
    return { refused: refuse('broken_reference', brokenReference('The body', operation.requestBody)) };
  return {
    operation: {
      key,
      method: method.toUpperCase(),
      path,
      node: operation,
      parameters: [...merged.values()],
      body,
      server: serverUrl(operation.servers) ?? serverUrl(item.servers),
    },
  };
}

/** Parameters of one key are one. Headers are the same in any case. */
const parameterKey = ({ in: place, name }: Node): string =>
  `${asText(place)} ${place === 'header' ? asText(name).toLowerCase() : asText(name)}`;

export const brokenReference = (what: string, value: unknown): string =>
  `${what} refers to ${describeReference(value)}, which isn't in the document. Bundle the document into one file.`;

/** The first of a list of servers, its variables replaced by their defaults. */
export const serverUrl = (servers: unknown): string | null => serverUrls(servers)[0] ?? null;

export const serverUrls = (servers: unknown): string[] =>
  asList(servers).flatMap((server) => {
    if (!isNode(server) || typeof server.url !== 'string') return [];
    const variables = asNode(server.variables);
    const url = server.url.replace(/\{([^{}]+)\}/g, (whole, name: string) => {
      const preset = Object.hasOwn(variables, name) ? asNode(variables[name]).default : undefined;
      return preset === undefined ? whole : String(preset);
    });
    return [url.trim()];
  });
