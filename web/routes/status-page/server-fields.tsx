import type { StatusPageSettings } from '../../../services/status-page/get.ts';
import { fieldProblem, type Problem } from '../../shell/problem.ts';
import { useFormat } from '../../shell/reader-provider.tsx';
import { DisclosureIcon } from '../../ui/base/text.tsx';
import { TextField } from '../../ui/form/field.tsx';
import { nameField, type Shown } from './values.ts';

type Server = StatusPageSettings['servers'][number];

/** Each server is added on purpose. Those that are shown come first, the others can be added below them. */
export function ServerFields({
  servers,
  saved,
  shown,
  problem,
}: {
  servers: Server[];
  /** Ids of those that were shown when the page was loaded: the list keeps its order while one chooses. */
  saved: string[];
  shown: Shown;
  problem: Problem | undefined;
}) {
  const format = useFormat();
  const chosen = servers.filter(({ id }) => saved.includes(id));
  const others = servers.filter(({ id }) => !saved.includes(id));
  const row = (server: Server) => <ServerRow key={server.id} server={server} shown={shown} problem={problem} />;
  if (servers.length === 0) return <p className="text-muted">No servers are connected yet.</p>;
  return (
    <div className="divide-y divide-line rounded-lg border border-line bg-surface">
      {chosen.map(row)}
      {others.length > 0 && (chosen.length > 0 || others.length > 8) ? (
        <details>
          <summary className="flex min-h-11 items-center gap-2 px-4 font-medium">
            <DisclosureIcon /> Add servers
            <span className="font-normal text-muted">{format.count(others.length, 'other server')}</span>
          </summary>
          <div className="divide-y divide-line border-line border-t">{others.map(row)}</div>
        </details>
      ) : (
        others.map(row)
      )}
    </div>
  );
}

function ServerRow({
  server: { id, name, monitorCount },
  shown,
  problem,
}: {
  server: Server;
  shown: Shown;
  problem: Problem | undefined;
}) {
  const format = useFormat();
  return (
    <div className="grid items-start gap-x-4 gap-y-2 px-4 py-3 sm:grid-cols-2">
      <label className="flex min-h-11 items-start gap-2 md:min-h-8">
        <input
          type="checkbox"
          name="serverIds"
          value={id}
          defaultChecked={shown.serverIds.includes(id)}
          className="mt-1"
        />
        <span className="min-w-0">
          <span className="font-medium">{name}</span>
          <span className="block text-xs text-muted">
            {monitorCount === 0 ? 'No active monitor: not shown' : format.count(monitorCount, 'monitor')}
          </span>
        </span>
      </label>
      <TextField
        label={
          <>
            Display name<span className="sr-only"> of {name}</span>
          </>
        }
        name={`${nameField}${id}`}
        maxLength={100}
        placeholder={name}
        autoComplete="off"
        defaultValue={shown.displayNames[id] ?? ''}
        problem={fieldProblem(problem, `displayNames.${id}`)}
      />
    </div>
  );
}
