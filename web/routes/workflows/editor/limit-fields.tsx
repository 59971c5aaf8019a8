import type { Problem } from '../../../shell/problem.ts';
import { TextField } from '../../../ui/form/field.tsx';
import { problemOf } from './problems.ts';
import type { EditorValues } from './values.ts';

const limitFields = [
  ['turns', 'Model turns per run', 'Each model response counts as one.'],
  ['toolCalls', 'Tool calls per run', ''],
  ['seconds', 'Seconds per run', 'Wall time of the whole run.'],
  ['tokens', 'Tokens per run', 'Input and output of the tester model.'],
  ['toolCallSeconds', 'Seconds per tool call', ''],
] as const;

export function LimitFields({ editor, problem }: { editor: EditorValues; problem: Problem | undefined }) {
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-2 lg:grid-cols-3">
        {limitFields.map(([name, label, hint]) => (
          <TextField
            key={name}
            label={label}
            hint={hint}
            name={`limits.${name}`}
            type="number"
            defaultValue={editor.limits[name]}
            problem={problemOf(problem, `limits.${name}`)}
          />
        ))}
        <TextField
          label="Attempts"
          name="retryPolicy.attempts"
          type="number"
          hint="After a model or connection failure."
          defaultValue={editor.retryPolicy.attempts}
          problem={problemOf(problem, 'retryPolicy.attempts')}
        />
        <TextField
          label="First pause between attempts, in seconds"
          name="retryPolicy.backoffSeconds"
          type="number"
          step="any"
          hint="Doubles with each attempt."
          defaultValue={editor.retryPolicy.backoffSeconds}
          problem={problemOf(problem, 'retryPolicy.backoffSeconds')}
        />
      </div>
      <label className="mt-4 flex min-h-11 items-center gap-2 text-sm md:min-h-6">
        <input type="checkbox" name="storeToolResults" defaultChecked={editor.storeToolResults} className="size-4" />
        Store tool results
      </label>
      <p className="text-muted text-xs">Otherwise only their shape, size and outcome are stored.</p>
    </>
  );
}
