import type { ApiDocument } from '../document/document.ts';
import { asNode, isNode } from '../document/node.ts';
import { follow } from '../document/reference.ts';
import { createDefinitions } from '../schema/definitions.ts';
import { isJson } from './media-type.ts';
import { findOperations } from './operations.ts';

/** What operations say that they answer. Servers may answer something else, so tools don't promise it. */
export type ResponseSchemas = { of(key: string): unknown };

export function responseSchemas(document: ApiDocument): ResponseSchemas {
  const definitions = createDefinitions(document, 'output');
  const operations = new Map(
    findOperations(document).flatMap((found) =>
      'operation' in found ? [[found.operation.key, found.operation.node]] : [],
    ),
  );
  return {
    /** As JSON Schema; null where it is no JSON, or not said. */
    of(key) {
      const [response] = Object.values(asNode(operations.get(key)?.responses));
      const content = asNode(asNode(follow(document.root, response)).content);
      const [, media] = Object.entries(content).find(([mediaType]) => isJson(mediaType)) ?? [];
      const { schema } = asNode(media);
      if (schema === undefined) return null;
      const converted = definitions.convert(schema);
      const { $defs } = definitions.closure(converted.schema);
      return isNode(converted.schema) && Object.keys($defs).length > 0
        ? { ...converted.schema, $defs }
        : converted.schema;
    },
  };
}
