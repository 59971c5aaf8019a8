import { Card } from '../../ui/base/card.tsx';
import { ConfirmDialog } from '../../ui/overlay/confirm-dialog.tsx';

export function DeleteWorkspace({ name }: { name: string }) {
  return (
    <Card title="Delete workspace">
      <p className="mb-3 text-sm text-muted">
        Deletes everything in it: servers with their credentials, workflows, monitors, all runs and checks, members, API
        keys and the audit log. This can't be undone.
      </p>
      <ConfirmDialog
        trigger={{ text: 'Delete workspace' }}
        title={`Delete ${name}?`}
        confirm="Delete workspace"
        typedName={name}
        fields={{ intent: 'delete' }}
        action="?"
      >
        All members lose access immediately, and schedules stop. The data is erased within minutes. To keep the audit
        log, export it first.
      </ConfirmDialog>
    </Card>
  );
}
