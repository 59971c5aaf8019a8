import { z } from 'zod';

const text = z.string().max(2000);
const texts = z.array(text).max(500);
/** A member of the wrong type counts as missing: what is needed is checked where it is used. */
const optional = <T extends z.ZodType>(schema: T) => schema.optional().catch(undefined);

/** Protected-resource metadata (RFC 9728), of an untrusted server. */
const resourceMetadata = z.object({
  resource: optional(text),
  authorization_servers: optional(texts),
  scopes_supported: optional(texts),
});
export type ResourceMetadata = z.output<typeof resourceMetadata>;

/** @returns null if the document isn't such metadata at all */
export function parseResourceMetadata(document: unknown): ResourceMetadata | null {
  const { data } = resourceMetadata.safeParse(document);
  return data && (data.resource !== undefined || data.authorization_servers !== undefined) ? data : null;
}

/** Authorization-server metadata (RFC 8414, OpenID Connect Discovery), of an untrusted server. */
export const serverMetadata = z.object({
  issuer: text,
  authorization_endpoint: optional(text),
  token_endpoint: optional(text),
  registration_endpoint: optional(text),
  revocation_endpoint: optional(text),
  scopes_supported: optional(texts),
  grant_types_supported: optional(texts),
  code_challenge_methods_supported: optional(texts),
  token_endpoint_auth_methods_supported: optional(texts),
  token_endpoint_auth_signing_alg_values_supported: optional(texts),
  authorization_response_iss_parameter_supported: optional(z.boolean()),
  client_id_metadata_document_supported: optional(z.boolean()),
});
export type ServerMetadata = z.output<typeof serverMetadata>;

export const parseServerMetadata = (document: unknown): ServerMetadata | null =>
  serverMetadata.safeParse(document).data ?? null;
