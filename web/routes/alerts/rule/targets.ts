import { listRuleTargets } from '../../../../services/alert-rule/list-targets.ts';
import { memberLoader } from '../../../shell/route.server.ts';

/** What the fields of a rule's target find while one types: `?of=monitors&q=search`. */
export const loader = memberLoader(async ({ ctx, url }) => {
  const { workflows, monitors, servers } = await listRuleTargets(ctx, {
    search: (url.searchParams.get('q') ?? '').slice(0, 200),
  });
  const named = ({ id, name }: { id: string; name: string }) => ({ value: id, text: name });
  switch (url.searchParams.get('of')) {
    case 'monitors':
      return { options: monitors.map(({ id, name, serverName }) => ({ value: id, text: name, note: serverName })) };
    case 'workflows':
      return { options: workflows.map(named) };
    default:
      return { options: servers.map(named) };
  }
});
