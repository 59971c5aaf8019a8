import { search } from '../../../services/organization/search.ts';
import { memberLoader } from '../../shell/route.server.ts';

/** What the command palette finds. */
export const loader = memberLoader(async ({ ctx, url }) => search(ctx, { query: url.searchParams.get('q') ?? '' }));
