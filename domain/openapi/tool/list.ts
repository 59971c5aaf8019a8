import { maxSchemaLength } from '../../schema/limits.ts';
import type { ApiDocument } from '../document/document.ts';
import { asList, asNode, asText, type Node } from '../document/node.ts';
import { follow } from '../document/reference.ts';
import { cutText } from '../schema/convert.ts';
import { createDefinitions, type Definitions } from '../schema/definitions.ts';
import { annotate } from './annotations.ts';
import { readBody } from './body.ts';
import { type CredentialCandidate, findCredentials } from './credentials.ts';
import { buildInput } from './input.ts';
import { essence, isJson, isMediaType } from './media-type.ts';
import { nameOperations } from './name.ts';
import { findOperations, isRefused, type Operation, type Refuse, serverUrls } from './operations.ts';
import { readParameters } from './parameters.ts';
import { createMeter, type TokenReport } from './tokens.ts';
import type { ApiTool, RefusedOperation, ToolSettings } from './tool.ts';

export type ToolList = {
  tools: ApiTool[];
  refused: RefusedOperation[];
  /** Parameters that may carry the caller's credential. Nothing is decided: a person is asked. */
  credentialCandidates: CredentialCandidate[];
  /** As written, variables replaced by their defaults: of the document, and of operations and paths. */
  servers: { document: string[]; operations: string[] };
  securitySchemes: { name: string; type: string; scheme: string; in: string; parameter: string; description: string }[];
  tokens: TokenReport;
};

/** The tools of a document, in its order, and what of it became none. The same document and settings give the same. */
export function listTools(document: ApiDocument, settings: ToolSettings = {}): ToolList {
  const definitions = createDefinitions(document, 'input');
  const found = findOperations(document);
  const operations = found.flatMap((each) => ('operation' in each ? [each.operation] : []));
  const names = nameOperations(operations, settings);
  const chosen = settings.chosen && new Set(settings.chosen);
  const tools: ApiTool[] = [];
  const refused: RefusedOperation[] = [];
  const meter = createMeter();
  for (const each of found) {
    const made =
      'refused' in each
        ? each.refused
        : makeTool(each.operation, { definitions, settings, document, name: names.get(each.operation.key) ?? '' });
    if (isRefused(made)) {
      refused.push(made);
      continue;
    }
    const { tool, size } = made;
    const hidden = settings.overrides?.[tool.key]?.hidden === true;
    if (hidden || (chosen && !chosen.has(tool.key))) continue;
    tools.push(tool);
    meter.add(tool, size);
  }
  return {
    tools,
    refused,
    credentialCandidates: findCredentials(document, operations),
    servers: {
      document: serverUrls(document.root.servers),
      operations: [...new Set(operations.flatMap(({ server }) => (server === null ? [] : [server])))],
    },
    securitySchemes: Object.entries(asNode(asNode(document.root.components).securitySchemes)).map(readScheme),
    tokens: meter.report(tools),
  };
}

const readScheme = ([name, given]: [string, unknown]) => {
  const scheme = asNode(given);
  return {
    name,
    type: asText(scheme.type),
    scheme: asText(scheme.scheme).toLowerCase(),
    in: asText(scheme.in),
    parameter: asText(scheme.name),
    description: asText(scheme.description).trim(),
  };
};

type Making = { definitions: Definitions; settings: ToolSettings; document: ApiDocument; name: string };

function makeTool(operation: Operation, { definitions, settings, document, name }: Making) {
  const { key, method, path, node, server } = operation;
  const refuse: Refuse = (reason, message) => ({ key, reason, message });
  if (!/^[^\s\\]+$/.test(path) || path.startsWith('//'))
    return refuse('path', 'The path has spaces, backslashes or an empty first part. Correct it.');
  const parameters = readParameters(operation, settings.credentials ?? [], refuse);
  if (isRefused(parameters)) return parameters;
  const body = readBody(operation, definitions, refuse);
  if (body && isRefused(body)) return body;
  const override = settings.overrides?.[key];
  const annotations = annotate(method, override?.annotations);
  // A person may call a POST read-only: then going on in its answer is safe, too.
  const input = buildInput({ parameters, body, definitions, readOnly: annotations.readOnlyHint === true });
  const [missing] = input.missing;
  if (missing !== undefined)
    return refuse(
      'broken_reference',
      `A schema refers to “${missing.slice(0, 200)}”, which isn't in the document. Bundle the document into one file.`,
    );
  if (input.size > maxSchemaLength)
    return refuse(
      'input_too_large',
      `Its arguments take ${input.size} characters to describe, more than ${maxSchemaLength}. Split the operation.`,
    );
  const tool: ApiTool = {
    key,
    name,
    summary: oneLine(asText(node.summary)).slice(0, 200),
    description: override?.description ?? describe(operation),
    inputSchema: input.schema,
    annotations,
    tags: asList(node.tags).filter((tag) => typeof tag === 'string'),
    deprecated: node.deprecated === true,
    plan: {
      method,
      path,
      server,
      parameters: input.parameters,
      body: input.body,
      accept: acceptedTypes(document, node),
      answer: input.answer,
    },
  };
  return { tool, size: input.size };
}

const maxDescriptionLength = 1000;

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Summary and description, without saying one thing twice. */
function describe({ node, method, path }: Operation): string {
  const summary = oneLine(asText(node.summary));
  const text = asText(node.description)
    .replace(/[ \t]+/g, ' ')
    .replace(/\s*\n\s*\n\s*/g, '\n')
    .trim();
  const says = oneLine(text).toLowerCase().startsWith(summary.toLowerCase().replace(/\.$/, ''));
  const whole = summary === '' || says ? text : `${summary}${text === '' ? '' : `\n${text}`}`;
  const cut = cutText(whole === '' ? `${method} ${path}` : whole, maxDescriptionLength);
  return node.deprecated === true ? `Deprecated. ${cut}` : cut;
}

function acceptedTypes({ root }: ApiDocument, node: Node): string[] {
  const types = Object.values(asNode(node.responses)).flatMap((response) =>
    Object.keys(asNode(asNode(follow(root, response)).content)),
  );
  const usable = [...new Set(types.filter(isMediaType).map(essence))];
  return [...usable.filter(isJson), ...usable.filter((type) => !isJson(type))].slice(0, 10);
}
