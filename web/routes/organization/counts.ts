import { readCounts } from '../../shell/frame/shell.server.ts';
import { memberLoader } from '../../shell/route.server.ts';

/** The counts of the navigation, as JSON. Pages ask again when something changes. */
export const loader = memberLoader(async (member) => Response.json(await readCounts(member)));
