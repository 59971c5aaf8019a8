import { kept, type Values } from '../../../shell/form.ts';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { TextField } from '../../../ui/form/field.tsx';

type Webhook = { name: string; url: string; queryNames: string[] };

/** @param props.stored null for a new webhook */
export function WebhookFields({
  stored,
  values,
  problem,
}: {
  stored: Webhook | null;
  values: Values | undefined;
  problem: Problem | undefined;
}) {
  return (
    <>
      <TextField
        label="Name"
        name="webhookName"
        maxLength={100}
        autoComplete="off"
        placeholder="Pager"
        defaultValue={kept(values, 'webhookName', stored?.name ?? '')}
        problem={fieldProblem(problem, 'name')}
      />
      <TextField
        label="URL"
        name="url"
        type="url"
        placeholder="https://hooks.example.com/armature"
        autoComplete="off"
        defaultValue={kept(values, 'url', stored ? withNames(stored) : '')}
        problem={fieldProblem(problem, 'url')}
        hint={
          stored && stored.queryNames.length > 0
            ? 'Leave a query value empty to keep the stored one.'
            : 'Receives each alert as signed JSON, by POST.'
        }
      />
    </>
  );
}

const withNames = ({ url, queryNames }: Webhook) =>
  queryNames.length > 0 ? `${url}?${queryNames.map((name) => `${encodeURIComponent(name)}=`).join('&')}` : url;
