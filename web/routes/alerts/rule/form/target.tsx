import { fieldProblem } from '../../../../shell/problem.ts';
import { Combobox } from '../../../../ui/form/combobox.tsx';
import { SelectField } from '../../../../ui/form/field.tsx';
import type { Choices } from '../choices.server.ts';
import { type TargetChoice, targetChoices } from '../fields.ts';
import { type PartProps, Section, unlessShown } from './parts.tsx';

const labels: { [choice in TargetChoice]: string } = {
  all_servers: 'All servers, with their monitors and workflows',
  server: 'A server, with its monitors and workflows',
  all_monitors: 'All monitors',
  monitor: 'A monitor',
  all_workflows: 'All workflows',
  workflow: 'A workflow',
  tool_changes: 'Breaking tool changes of all servers',
  tool_changes_of: 'Breaking tool changes of a server',
  report: 'New findings in reports on servers',
  budget: 'Budgets of the workspace and its workflows',
};

/** @param props.shows whether a field applies to what is chosen. Without JavaScript all are shown */
export function TargetSection({
  start,
  problem,
  choices,
  base,
  shows,
  onPick,
}: PartProps & {
  choices: Choices;
  base: string;
  shows: (field: 'monitorId' | 'workflowId' | 'serverId') => boolean;
  /** The name of a target that was found by searching. */
  onPick: (id: string, name: string) => void;
}) {
  const lists = [
    { field: 'monitorId', of: 'monitors', label: 'Monitor', options: choices.monitors },
    { field: 'workflowId', of: 'workflows', label: 'Workflow', options: choices.workflows },
    { field: 'serverId', of: 'servers', label: 'Server', options: choices.servers },
  ] as const;
  return (
    <Section title="What to watch">
      <SelectField
        label="Watch"
        name="targetKind"
        required
        defaultValue={start.get('targetKind')}
        problem={fieldProblem(problem, 'target', 'target.kind')}
      >
        <option value="">Choose …</option>
        {targetChoices.map((choice) => (
          <option key={choice} value={choice}>
            {labels[choice]}
          </option>
        ))}
      </SelectField>
      {lists.map(({ field, of, label, options }) => (
        <div key={field} className={unlessShown(shows(field))}>
          <Combobox
            label={label}
            name={field}
            any="Choose …"
            options={options.map((each) => ({
              value: each.id,
              text: 'serverName' in each ? `${each.name} (${each.serverName})` : each.name,
            }))}
            {...(options.length >= 30 && { searchAt: `${base}/alerts/targets?of=${of}` })}
            defaultValue={start.get(field)}
            onChange={onPick}
            problem={fieldProblem(problem, `target.${field}`, ...(shows(field) ? ['target.id'] : []))}
          />
        </div>
      ))}
    </Section>
  );
}
