/**
 * A notification as a rule would send it: its title and what it says went wrong. Written down here, since the browser
 * doesn't load what writes the real ones.
 * @param target.name null: any
 */
export function sampleMessage({ kind, name }: { kind: string; name: string | null }): { title: string; line: string } {
  switch (kind) {
    case 'workflow':
    case 'all_workflows':
      return {
        title: `Workflow ${name ?? 'Refund an order'} fails`,
        line: 'A criterion was not met: calls `create_refund` exactly once',
      };
    case 'server':
    case 'all_servers':
      return {
        title: `Server ${name ?? 'Shop'} does not answer: no answer in time`,
        line: 'No check gets an answer (no answer in time): No answer within 30 s.',
      };
    case 'tool_changes':
      return {
        title: `Tool search_products of ${name ?? 'Shop'} changed in a breaking way`,
        line: 'Input `query`: type string → integer',
      };
    case 'report':
      return {
        title: `Report on ${name ?? 'Shop'}: a new finding`,
        line: 'No text asks to hide something from people (search_products)',
      };
    case 'budget':
      return { title: 'Budget of the workspace is nearly used up', line: '80 % of the monthly budget is used.' };
    case 'installation':
      return { title: 'Armature has no running worker', line: 'No worker is running, so nothing is tested.' };
    default:
      return {
        title: `Monitor ${name ?? 'Search products'} fails`,
        line: 'The tool answered with an error: the search index is being rebuilt',
      };
  }
}
