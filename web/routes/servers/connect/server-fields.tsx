import { type ReactNode, useEffect, useState } from 'react';
import { kept, type Values } from '../../../shell/form.ts';
import { fieldProblem, type Problem } from '../../../shell/problem.ts';
import { Code, DisclosureIcon } from '../../../ui/base/text.tsx';
import { SelectField, TextArea, TextField } from '../../../ui/form/field.tsx';
import { readHeaderLines } from './header-lines.ts';

type Saved = {
  name: string;
  url: string;
  transport: string;
  maxConcurrency: string;
  syncEveryMinutes: string;
  headers: string;
};
type Props = {
  values?: Values | undefined;
  problem?: Problem | undefined;
  /** Of a server that is edited; a new one has none. */
  saved?: Saved;
};

/** Name and address of a server. @param props.children what comes after the address, such as the credential */
export function ServerFields({ values, problem, saved, children }: Props & { children?: ReactNode }) {
  const [url, setUrl] = useState(kept(values, 'url', saved?.url));
  const [headers, setHeaders] = useState('');
  const rest = <OtherFields values={values} problem={problem} {...(saved && { saved })} onHeaders={setHeaders} />;
  const isWrong = problem?.fieldErrors.some(({ field }) => /^(pathSecret|headers|transport|maxC)/.test(field)) ?? false;
  return (
    <>
      <TextField
        label="URL of the MCP endpoint"
        name="url"
        type="url"
        required
        placeholder="https://mcp.example.com/mcp"
        defaultValue={kept(values, 'url', saved?.url)}
        problem={fieldProblem(problem, 'url')}
        onChange={(event) => setUrl(event.target.value)}
        hint={saved ? 'Leave a query value empty, or "…" in the path, to keep what is stored.' : undefined}
      />
      <TextField
        label="Name"
        name="name"
        required={saved !== undefined}
        autoComplete="off"
        defaultValue={kept(values, 'name', saved?.name)}
        problem={fieldProblem(problem, 'name')}
        hint={saved ? undefined : 'Empty: the name that the server gives itself.'}
      />
      {children}
      {saved ? (
        rest
      ) : (
        <details open={isWrong || undefined}>
          <summary className="flex min-h-11 w-fit items-center gap-1 text-muted hover:text-ink md:min-h-6">
            <DisclosureIcon /> Transport, headers and limits
          </summary>
          <div className="mt-3 space-y-4">{rest}</div>
        </details>
      )}
      <PlainValues url={url} headers={headers} />
    </>
  );
}

function OtherFields({ values, problem, saved, onHeaders }: Props & { onHeaders: (lines: string) => void }) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2">
        <SelectField label="Transport" name="transport" defaultValue={kept(values, 'transport', saved?.transport)}>
          <option value="streamable_http">Streamable HTTP</option>
          <option value="sse">SSE (older servers)</option>
        </SelectField>
        <TextField
          label="Concurrent calls"
          name="maxConcurrency"
          type="number"
          min={1}
          max={64}
          defaultValue={kept(values, 'maxConcurrency', saved?.maxConcurrency ?? '4')}
          problem={fieldProblem(problem, 'maxConcurrency')}
          hint="Maximum, so that tests don't overload the server."
        />
        {saved ? (
          <TextField
            label="Sync the tools every (minutes)"
            name="syncEveryMinutes"
            type="number"
            min={0}
            max={10_080}
            defaultValue={kept(values, 'syncEveryMinutes', saved.syncEveryMinutes)}
            problem={fieldProblem(problem, 'syncEveryMinutes')}
            hint="Detects changes. 0: never."
          />
        ) : null}
      </div>
      <TextField
        label="Secret in the path (optional)"
        name="pathSecret"
        type="password"
        autoComplete="off"
        problem={fieldProblem(problem, 'pathSecret')}
        hint="The part of the path that is a secret, exactly as in the URL. It is kept encrypted, and the URL is shown with … in its place."
      />
      <TextArea
        label="Extra headers (optional)"
        name="headers"
        rows={3}
        className="font-mono text-xs"
        placeholder="X-Team: qa"
        defaultValue={saved?.headers ?? ''}
        spellCheck={false}
        onChange={(event) => onHeaders(event.target.value)}
        problem={problem?.fieldErrors.find(({ field }) => field.startsWith('headers'))?.message}
        hint={
          saved
            ? 'A line each, name: value. A name without a value keeps the stored one. Headers left out are removed.'
            : 'A line each, name: value. Values are kept encrypted.'
        }
      />
    </>
  );
}

/** Says which query and header values are no secrets, so that they aren't masked. Loaded once one is typed. */
function PlainValues({ url, headers }: { url: string; headers: string }) {
  const [describe, setDescribe] = useState<((value: string) => string | null) | null>(null);
  const given = [...listQuery(url), ...listHeaders(headers)].filter(([, value]) => value !== '');
  const isNeeded = given.length > 0;
  useEffect(() => {
    if (isNeeded)
      void import('../../../../domain/secret/ordinary.ts').then(({ describeOrdinary }) =>
        setDescribe(() => describeOrdinary),
      );
  }, [isNeeded]);
  const plain = given.flatMap(([name, value]) => {
    const why = describe?.(value) ?? null;
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

const listHeaders = (lines: string): [string, string][] =>
  Object.entries(readHeaderLines(lines)).flatMap(([name, value]) => (value === null ? [] : [[name, value]]));
