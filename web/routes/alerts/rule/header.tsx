import { Bell } from 'lucide-react';
import type { RuleView } from '../../../../services/alert-rule/view.ts';
import { ConfirmDialog } from '../../../ui/overlay/confirm-dialog.tsx';
import { dangerItemClass } from '../../../ui/overlay/menu.tsx';
import { PageHeader } from '../../../ui/page/page-header.tsx';
import { RuleMenu, SendTest } from './actions.tsx';
import { ruleSentence } from './labels.ts';
import { RuleState } from './state.tsx';

/** The head of a rule's pages. @param props.base path of the workspace */
export function RuleHeader({ rule, base, mayEdit }: { rule: RuleView; base: string; mayEdit: boolean }) {
  const at = `${base}/alerts/rules/${rule.id}`;
  return (
    <PageHeader
      title={rule.name}
      icon={<Bell className="size-5" />}
      status={<RuleState rule={rule} />}
      note={ruleSentence({ ...rule, to: rule.destination?.label ?? null })}
      trail={[{ to: `${base}/alerts`, text: 'Alerts' }]}
      actions={mayEdit && rule.destination ? <SendTest rule={rule} action={at} /> : null}
      menu={
        mayEdit ? (
          <>
            <RuleMenu rule={rule} action={at} />
            {rule.isBuiltIn ? null : (
              <ConfirmDialog
                trigger={{ text: 'Delete rule', className: dangerItemClass }}
                title={`Delete the rule “${rule.name}”?`}
                confirm="Delete rule"
                fields={{ intent: 'delete', ruleId: rule.id }}
                action={at}
              >
                It sends no more notifications, not even for open incidents. Its deliveries stay readable.
              </ConfirmDialog>
            )}
          </>
        ) : null
      }
      {...(mayEdit && {
        tabs: [
          { to: at, text: 'Overview' },
          { to: `${at}/edit`, text: 'Edit' },
        ],
      })}
    />
  );
}
