import type { RuleView } from '../../../../services/alert-rule/view.ts';
import { Time } from '../../../ui/base/time.tsx';
import { type Column, DataTable } from '../../../ui/data/data-table.tsx';
import { Menu } from '../../../ui/overlay/menu.tsx';
import { RuleMenu } from './actions.tsx';
import { targetLabel, trigger } from './labels.ts';
import { RuleState } from './state.tsx';

/** @param props.base path of the workspace */
export function RuleTable({ rules, base, mayEdit }: { rules: RuleView[]; base: string; mayEdit: boolean }) {
  const actions: Column<RuleView> = {
    key: 'actions',
    head: 'Actions',
    headHidden: true,
    align: 'right',
    phone: 'none',
    cell: (rule) => (
      <Menu label={`Actions for ${rule.name}`}>
        <RuleMenu rule={rule} action="?" />
      </Menu>
    ),
  };
  return (
    <DataTable
      label="Alert rules"
      rows={rules}
      rowKey={({ id }) => id}
      to={({ id }) => `${base}/alerts/rules/${id}`}
      columns={[
        {
          key: 'rule',
          head: 'Rule',
          phone: 'title',
          cell: ({ name, target, conditions, isBuiltIn }) => (
            <>
              {name}
              <span className="line-clamp-2 max-w-xl font-normal text-muted">
                {isBuiltIn
                  ? 'Problems of Armature itself'
                  : `${targetLabel(target)}: when ${trigger(target, conditions)}`}
              </span>
            </>
          ),
        },
        { key: 'state', head: 'State', phone: 'status', cell: (rule) => <RuleState rule={rule} /> },
        {
          key: 'destination',
          head: 'Notifies',
          cell: ({ destination }) => destination?.label ?? 'Nobody yet',
        },
        {
          key: 'fired',
          head: 'Last notified',
          align: 'right',
          cell: ({ lastFiredAt }) => (lastFiredAt ? <Time at={lastFiredAt} relative /> : null),
        },
        ...(mayEdit ? [actions] : []),
      ]}
    />
  );
}
