import { type ApiDocument, maxDepth, maxKeptLength, maxParts, maxRawLength, type Refusal } from './document.ts';
import { asNode, asText, fits, isNode, type Node } from './node.ts';
import { parseText, tooDeep } from './parse.ts';
import { hasOperations, strip } from './strip.ts';

type Read = { document: ApiDocument } | { refusal: Refusal };

const refuse = (reason: Refusal['reason'], message: string): Read => ({ refusal: { reason, message } });

const megabytes = (length: number): string => `${(length / 1024 / 1024).toFixed(1)} MB`;

/** Reads an OpenAPI document, JSON or YAML, of version 3.0 or 3.1. Never throws, whatever the text. */
export function readDocument(text: string): Read {
  if (text.length > maxRawLength)
    return refuse(
      'too_large',
      `The file has ${megabytes(text.length)}, more than ${megabytes(maxRawLength)}. Remove operations that agents don't need.`,
    );
  const parsed = parseText(text);
  if ('refusal' in parsed) return parsed;
  const { value } = parsed;
  if (!isNode(value)) return refuse('not_openapi', notOpenApi);
  const refusal = refuseVersion(value);
  if (refusal) return { refusal };
  const size = fits(value, { depth: maxDepth, parts: maxParts });
  if (size === 'too_deep') return refuse('too_deep', tooDeep);
  if (size === 'too_many')
    return refuse('too_many_aliases', 'Written out, the aliases of the file are endless. Use $ref instead.');
  const root = strip(value);
  if (!hasOperations(root))
    return refuse('no_operations', 'The document has no paths with operations, so there is nothing to call. Add some.');
  const kept = JSON.stringify(root).length;
  if (kept > maxKeptLength)
    return refuse(
      'too_large_stripped',
      `Without examples and unused parts, the document still has ${megabytes(kept)}, more than ${megabytes(maxKeptLength)}. Remove operations that agents don't need.`,
    );
  const info = asNode(root.info);
  return {
    document: {
      version: String(root.openapi).startsWith('3.0') ? '3.0' : '3.1',
      title: asText(info.title).trim().slice(0, 200),
      apiVersion: String(info.version ?? '').slice(0, 100),
      root,
      size: { raw: text.length, kept },
    },
  };
}

const notOpenApi =
  'The file is no OpenAPI document: it has no “openapi” member. Upload an OpenAPI 3.0 or 3.1 document.';

function refuseVersion({ openapi, swagger }: Node): Refusal | null {
  const version = String(openapi ?? '');
  if (/^3\.[01](\.|$)/.test(version)) return null;
  if (openapi === undefined && swagger !== undefined)
    return {
      reason: 'swagger_2',
      message:
        'The file is a Swagger 2 document. Convert it to OpenAPI 3 first: `npx swagger2openapi swagger.json -o openapi.json`, or at https://converter.swagger.io.',
    };
  if (openapi === undefined) return { reason: 'not_openapi', message: notOpenApi };
  if (/^3\.2(\.|$)/.test(version))
    return {
      reason: 'openapi_3_2',
      message:
        'The document is of OpenAPI 3.2, which isn’t supported yet. Write `openapi: 3.1.1`, and replace what is new in 3.2: the QUERY method, additionalOperations, and itemSchema of streams.',
    };
  return {
    reason: 'unknown_version',
    message: `The document is of OpenAPI “${version.slice(0, 20)}”. Upload a document of version 3.0 or 3.1.`,
  };
}
