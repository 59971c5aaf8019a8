import { ConfirmDialog } from '../../../ui/overlay/confirm-dialog.tsx';
import { dangerItemClass } from '../../../ui/overlay/menu.tsx';
import type { ServerPageData } from './page.tsx';

/** Of the workflows that are archived with it. */
const maxNamed = 10;

export function DeleteServer({
  found,
  url,
  isInMenu = false,
}: {
  found: ServerPageData;
  url: string;
  isInMenu?: boolean;
}) {
  const { server, workflows, monitors, toolCount } = found;
  const more = workflows.length - maxNamed;
  return (
    <ConfirmDialog
      trigger={{ text: 'Delete server', ...(isInMenu && { className: dangerItemClass }) }}
      title={`Delete ${server.name}?`}
      confirm="Delete server"
      typedName={server.name}
      fields={{ intent: 'delete' }}
      action={url}
    >
      <p>
        Its credentials are destroyed and it is no longer tested.
        {monitors.all > 0
          ? ` ${monitors.all === 1 ? 'Its monitor goes' : `Its ${monitors.all} monitors go`} with it.`
          : ''}
        {workflows.length > 0
          ? ` ${workflows.length === 1 ? 'This workflow is' : `These ${workflows.length} workflows are`} archived, and their schedules stop:`
          : ' No workflow goes with it.'}
      </p>
      {workflows.length > 0 ? (
        <ul className="mt-2 list-disc pl-5 [overflow-wrap:anywhere]">
          {workflows.slice(0, maxNamed).map(({ id, name }) => (
            <li key={id}>{name}</li>
          ))}
          {more > 0 ? <li>and {more} more</li> : null}
        </ul>
      ) : null}
      <p className="mt-2">
        Its {toolCount === 1 ? 'tool' : `${toolCount} tools`}, all runs and the change history stay readable.
      </p>
    </ConfirmDialog>
  );
}
