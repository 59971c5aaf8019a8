import type { Client, RequestOptions } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { TargetError } from './error.ts';

const maxPages = 100;
const maxResources = 2000;

// Some servers send a `nextCursor` of null on the last page.
const Page = z.looseObject({ nextCursor: z.string().nullish() });

/** All pages of `resources/list`. @throws {TargetError} */
export async function listResources(client: Client, host: string, options: RequestOptions): Promise<unknown[]> {
  const resources: unknown[] = [];
  const seen = new Set<string>();
  let cursor: string | undefined;
  for (let pages = 0; pages < maxPages; pages++) {
    const params = cursor === undefined ? {} : { cursor };
    const answer = await client.request({ method: 'resources/list', params }, Page, options);
    if (!Array.isArray(answer.resources)) {
      throw new TargetError('malformed_result', `${host} answered resources/list without a list of resources.`);
    }
    resources.push(...answer.resources);
    if (resources.length > maxResources) {
      throw new TargetError('too_large', `${host} lists more than ${maxResources} resources.`, {
        details: { limit: maxResources },
      });
    }
    cursor = answer.nextCursor ?? undefined;
    if (cursor === undefined || cursor === '') return resources;
    if (seen.has(cursor)) {
      throw new TargetError(
        'protocol_error',
        `${host} gives the same cursor of resources/list twice, so that its list never ends.`,
      );
    }
    seen.add(cursor);
  }
  throw new TargetError('too_large', `${host} spreads resources/list over more than ${maxPages} pages.`, {
    details: { limit: maxPages },
  });
}
