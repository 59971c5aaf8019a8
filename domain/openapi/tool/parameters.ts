import { asNode, asText, type Node } from '../document/node.ts';
import { isJson } from './media-type.ts';
import { isRefused, type Operation, type Refuse } from './operations.ts';
import type { CredentialParameter, ParameterPlace, ParameterPlan, RefusedOperation } from './tool.ts';

/** A parameter of an operation, before it has its place in the arguments. */
export type Parameter = Omit<ParameterPlan, 'at'> & { schema: unknown; description: string; deprecated: boolean };

/** Headers that the client sets itself: by the specification, or because a wrong value breaks the connection. */
const ownHeaders = new Set(
  'accept authorization content-type content-length host connection transfer-encoding upgrade te trailer keep-alive expect accept-encoding'.split(
    ' ',
  ),
);

export function readParameters(
  { parameters, path }: Operation,
  credentials: readonly CredentialParameter[],
  refuse: Refuse,
): Parameter[] | RefusedOperation {
  const read: Parameter[] = [];
  const inPath = templateNames(path);
  for (const node of parameters) {
    const parameter = readParameter(node, refuse);
    if (isRefused(parameter)) return parameter;
    const { in: place, name } = parameter;
    if (place === 'path' && !inPath.has(name)) continue;
    if (place === 'header' && ownHeaders.has(name.toLowerCase())) continue;
    if (!credentials.some((each) => isSameParameter(each, parameter))) read.push(parameter);
  }
  const missing = [...inPath].find((name) => !read.some((each) => each.in === 'path' && each.name === name));
  if (missing !== undefined)
    return refuse(
      'undeclared_path_parameter',
      `The path has {${missing.slice(0, 100)}}, which is no parameter of the operation. Declare it with \`in: path\`.`,
    );
  return read;
}

const templateNames = (path: string): Set<string> =>
  new Set([...(path.split('#', 1)[0] ?? '').matchAll(/\{([^{}]+)\}/g)].map(([, name = '']) => name));

export function isSameParameter(
  credential: CredentialParameter,
  { in: place, name }: { in: string; name: string },
): boolean {
  if (credential.in !== place) return false;
  return place === 'header' ? credential.name.toLowerCase() === name.toLowerCase() : credential.name === name;
}

const places: readonly ParameterPlace[] = ['path', 'query', 'header', 'cookie'];
const styles = {
  path: ['simple', 'label', 'matrix'],
  query: ['form', 'spaceDelimited', 'pipeDelimited', 'deepObject'],
  header: ['simple'],
  cookie: ['form'],
} as const;
const headerName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

function readParameter(node: Node, refuse: Refuse): Parameter | RefusedOperation {
  const name = asText(node.name);
  const shown = `“${name.slice(0, 100)}”`;
  const place = places.find((each) => each === node.in);
  if (!place || name === '')
    return refuse(
      'parameter',
      `The parameter ${shown} has no name, or is in none of path, query, header and cookie. Correct it.`,
    );
  if ((place === 'header' || place === 'cookie') && !headerName.test(name))
    return refuse('parameter', `${shown} can't be the name of a ${place}. Correct it.`);
  const [mediaType, media] = Object.entries(asNode(node.content))[0] ?? [];
  const known: readonly ParameterPlan['style'][] = styles[place];
  const style = known.find((each) => each === node.style) ?? known[0] ?? 'form';
  return {
    in: place,
    name,
    required: place === 'path' || node.required === true,
    style,
    explode: typeof node.explode === 'boolean' ? node.explode : style === 'form' || style === 'deepObject',
    allowReserved: place === 'query' && node.allowReserved === true,
    json: mediaType !== undefined && isJson(mediaType),
    schema: (mediaType === undefined ? node.schema : asNode(media).schema) ?? { type: 'string' },
    description: asText(node.description).trim(),
    deprecated: node.deprecated === true,
  };
}

const credentialName =
  /^(x[-_])?(token|auth|authorization|secret|password|key)$|(api[-_ ]?key|(access|auth|bearer|session|security|api)[-_]?token|client[-_]?secret|subscription[-_]key)$/i;

/** Whether a parameter may carry a credential, by its name. A person decides whether it does. */
export const looksLikeCredential = ({ name, in: place }: { name: string; in: string }): boolean =>
  place !== 'path' && credentialName.test(name);
