import { useState } from 'react';
import { describeOrdinary } from '../../../domain/secret/ordinary.ts';
import { kept, type Values } from '../../shell/form.ts';
import { fieldProblem, type Problem } from '../../shell/problem.ts';
import { Code } from '../../ui/base/text.tsx';
import { SelectField, TextArea, TextField } from '../../ui/form/field.tsx';

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
  const [url, setUrl] = useState(kept(values, 'url', server?.url));
  const [headers, setHeaders] = useState('');
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
        onChange={(event) => setUrl(event.target.value)}
        hint={server ? 'Leave a query value empty, or "…" in the path, to keep what is stored.' : undefined}
      />
      <TextField
        label="Secret in the path (optional)"
        name="pathSecret"
        type="password"
        autoComplete="off"
        problem={fieldProblem(problem, 'pathSecret')}
        hint="The part of the path that is a secret, exactly as in the URL. It is kept encrypted, and the URL is shown with … in its place."
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
        onChange={(event) => setHeaders(event.target.value)}
        problem={problem?.fieldErrors.find(({ field }) => field.startsWith('headers'))?.message}
        hint={
          server
            ? 'A JSON object of strings. null keeps the stored value of that header; a header left out goes.'
            : 'A JSON object of strings. Values are kept encrypted.'
        }
      />
      <PlainValues url={url} headers={headers} />
    </>
  );
}

/** Says which query and header values are no secrets, so that they aren't masked in results. */
function PlainValues({ url, headers }: { url: string; headers: string }) {
  const plain = [...listQuery(url), ...listHeaders(headers)].flatMap(([name, value]) => {
    const why = value === '' ? null : describeOrdinary(value);
    return why === null ? [] : [{ name, why }];
  });
  if (plain.length === 0) return null;
  return (
    <div className="text-muted" aria-live="polite">
      <p>These values are kept encrypted, but not masked in results, which may contain them for other reasons:</p>
      <ul className="list-disc pl-5">
        {plain.map(({ name, why }) => (
          <li key={name}>
            <Code>{name}</Code> {why}.
          </li>
        ))}
      </ul>
    </div>
  );
}

const listQuery = (url: string): [string, string][] => (URL.canParse(url) ? [...new URL(url).searchParams] : []);

function listHeaders(text: string): [string, string][] {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return [];
    return Object.entries(parsed).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : []));
  } catch {
    // Not finished yet; the form says so when it is sent.
    return [];
  }
}
