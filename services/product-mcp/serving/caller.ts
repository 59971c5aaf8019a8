import type { ToolAnswer } from '../../../domain/openapi/index.ts';
import { isRecord } from '../../../domain/product-mcp/argument-path.ts';
import { type Carried, type Connection, carryCredential } from '../../../domain/product-mcp/connection.ts';
import { createRedactor, type Redactor } from '../../../infra/redaction/index.ts';
import type { Publication } from './publication.ts';
import type { Toolset } from './toolset.ts';

/** A Product MCP that answers calls. */
export type ActivePublication = Publication & { connection: Connection; documentId: string };

/** @returns null for one that is paused or not set up */
export const asActive = (publication: Publication): ActivePublication | null => {
  const { state, connection, documentId } = publication;
  return state === 'active' && connection !== null && documentId !== null
    ? { ...publication, connection, documentId }
    : null;
};

/** One caller of an active Product MCP. `redactor` masks the credential wherever it is repeated. */
export type Caller = { publication: ActivePublication; toolset: Toolset; carried: Carried; redactor: Redactor };

/** @param credential as the caller sent it */
export function createCaller(publication: ActivePublication, toolset: Toolset, credential: string): Caller {
  const carried = carryCredential(publication.connection.target, credential);
  const secrets = [credential, ...Object.values(carried.headers), ...Object.values(carried.query)];
  return { publication, toolset, carried, redactor: createRedactor(secrets) };
}

/** Bytes of files stay as they are: masking would break them, and models don't read them. */
export function maskAnswer({ content, structuredContent, ...rest }: ToolAnswer, { text, value }: Redactor): ToolAnswer {
  const masked = structuredContent === undefined ? undefined : value(structuredContent);
  return {
    ...rest,
    content: content.map((block) => (block.type === 'text' ? { ...block, text: text(block.text) } : block)),
    ...(isRecord(masked) && { structuredContent: masked }),
  };
}
