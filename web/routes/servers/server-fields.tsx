import { kept, type Values } from '../../shell/form.ts';
import { fieldProblem, type Problem } from '../../shell/problem.ts';
import { SelectField, TextArea, TextField } from '../../ui/field.tsx';

/** Name, address, transport and extra headers of a server. */
export function ServerFields({
  values,
  problem,
  server,
}: {
  values?: Values | undefined;
  problem?: Problem | undefined;
  server?: {
    name: string;
    url: string;
    transport: string;
    maxConcurrency: number;
    syncEveryMinutes: number;
    headers: string;
  };
}) {
  return (
    <>
      <TextField
        label="Name"
        name="name"
        required
        defaultValue={kept(values, 'name', server?.name)}
        problem={fieldProblem(problem, 'name')}
      />
      <TextField
        label="URL of the MCP endpoint"
        name="url"
        type="url"
        required
        placeholder="https://mcp.example.com/mcp"
        defaultValue={kept(values, 'url', server?.url)}
        problem={fieldProblem(problem, 'url')}
        hint={server ? 'Leave a query value empty to keep the stored one.' : undefined}
      />
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Transport" name="transport" defaultValue={kept(values, 'transport', server?.transport)}>
          <option value="streamable_http">Streamable HTTP</option>
          <option value="sse">SSE (older servers)</option>
        </SelectField>
        <TextField
          label="Concurrent calls"
          name="maxConcurrency"
          type="number"
          min={1}
          max={64}
          defaultValue={kept(values, 'maxConcurrency', String(server?.maxConcurrency ?? 4))}
          problem={fieldProblem(problem, 'maxConcurrency')}
          hint="Maximum, so that tests don't overload the server."
        />
        {server ? (
          <TextField
            label="Sync the catalog every (minutes)"
            name="syncEveryMinutes"
            type="number"
            min={0}
            max={10_080}
            defaultValue={kept(values, 'syncEveryMinutes', String(server.syncEveryMinutes))}
            problem={fieldProblem(problem, 'syncEveryMinutes')}
            hint="Detects tool changes. 0: never."
          />
        ) : null}
      </div>
      <TextArea
        label="Extra headers (optional)"
        name="headers"
        rows={3}
        className="font-mono text-xs"
        placeholder='{"X-Team": "qa"}'
        defaultValue={server?.headers ?? ''}
        spellCheck={false}
        problem={problem?.fieldErrors.find(({ field }) => field.startsWith('headers'))?.message}
        hint={
          server
            ? 'A JSON object of strings. null keeps the stored value of that header; a header left out goes.'
            : 'A JSON object of strings. Values are kept encrypted.'
        }
      />
    </>
  );
}
