import type { ApiDocument } from '../document/document.ts';
import { asNode, asText } from '../document/node.ts';
import type { Operation } from './operations.ts';
import { isSameParameter, looksLikeCredential } from './parameters.ts';
import type { CredentialParameter } from './tool.ts';

export type CredentialCandidate = CredentialParameter & {
  /** How many operations have it as a parameter. */
  operations: number;
  /** Whether a security scheme of the document names it as well. */
  declared: boolean;
};

/** Parameters whose names, or a security scheme, say that they may be credentials; those of most operations first. */
export function findCredentials({ root }: ApiDocument, operations: readonly Operation[]): CredentialCandidate[] {
  const schemes = Object.values(asNode(asNode(root.components).securitySchemes)).map((given) => asNode(given));
  const found = new Map<string, CredentialCandidate>();
  for (const { parameters } of operations)
    for (const given of parameters) {
      const place = (['query', 'header', 'cookie'] as const).find((each) => each === given.in);
      const name = asText(given.name);
      if (!place || name === '') continue;
      const declared = schemes.some(
        (scheme) =>
          scheme.type === 'apiKey' &&
          isSameParameter({ in: place, name }, { in: asText(scheme.in), name: asText(scheme.name) }),
      );
      if (!declared && !looksLikeCredential({ name, in: place })) continue;
      const key = `${place} ${place === 'header' ? name.toLowerCase() : name}`;
      const before = found.get(key);
      found.set(key, { in: place, name, declared, operations: (before?.operations ?? 0) + 1 });
    }
  return [...found.values()].sort((one, two) => two.operations - one.operations || (one.name < two.name ? -1 : 1));
}
