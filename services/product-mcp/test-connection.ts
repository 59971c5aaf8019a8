import { z } from 'zod';
import { connection, readCredential } from '../../domain/product-mcp/connection.ts';
import { validationError } from '../context/errors.ts';
import { useCase } from '../context/use-case.ts';
import { productNotFound } from './errors.ts';
import { productRef } from './schema.ts';
import { type CredentialVerdict, checkCredential } from './serving/check-credential.ts';

/**
 * Tries a real credential against the API, as a caller's would be. It is not kept, logged or shown.
 * @throws ArmatureError `product_mcp_not_found`, `validation_failed`, `rate_limited`
 */
export const testConnection = useCase({
  name: 'product_mcp.test_connection',
  access: 'editor',
  input: productRef.extend({
    connection,
    credential: z.string().trim().min(1, 'Enter a credential.').max(8000),
    /** Below the base URL; needed where no endpoint checks credentials. */
    path: z
      .string()
      .trim()
      .max(500)
      .regex(/^\/(?!\/)[\x21-\x7e]*$/, 'Enter a path below the base URL, such as /me.')
      .optional(),
  }),
  async run(
    { orgId, db, outbound, probes },
    { productMcpId, connection, credential, path },
  ): Promise<{ verdict: CredentialVerdict }> {
    const product = await db.productMcp.findFirst({
      where: { orgId, id: productMcpId, archivedAt: null },
      select: { baseUrl: true },
    });
    if (!product) throw productNotFound();
    const tried = connection.check.kind === 'endpoint' ? connection.check.path : path;
    if (tried === undefined)
      throw validationError([{ field: 'path', message: 'Enter a path of the API to try the credential with.' }]);
    const sent = readCredential({ ...connection, source: { in: 'query', name: 'credential' } }, credential);
    if (sent === null)
      throw validationError([
        {
          field: 'credential',
          message:
            connection.target.in === 'basic'
              ? 'Enter the user name and the password, with a colon between them.'
              : 'Enter a credential of plain letters, digits and signs.',
        },
      ]);
    const { baseUrl } = product;
    const { target } = connection;
    return {
      verdict: await probes.run(orgId, () =>
        checkCredential(outbound, { baseUrl, path: tried, target, credential: sent }),
      ),
    };
  },
});
