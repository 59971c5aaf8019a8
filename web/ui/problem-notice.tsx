import { fieldLabel } from '../routes/workflows/definition-labels.ts';
import type { Problem } from '../shell/problem.ts';
import { Notice } from './notice.tsx';

/** What is wrong with a form, and what to do about it. */
export function ProblemNotice({ problem }: { problem: Problem | undefined }) {
  if (!problem) return null;
  const [first] = problem.fieldErrors;
  // If the message is the first field's, it is shown with the field's label instead of its API path.
  const isField = first !== undefined && problem.message === `${first.field}: ${first.message}`;
  const title = isField ? `${fieldLabel(first.field)}: ${first.message}` : problem.message;
  const said = new Set([problem.message, `${problem.message} ${problem.remediation}`]);
  const others = problem.fieldErrors.filter((each) => !(isField && each === first) && !said.has(each.message));
  return (
    <Notice tone="bad" alert title={title}>
      <p>{problem.remediation}</p>
      {others.length > 0 ? (
        <ul className="mt-1 list-disc pl-5">
          {others.map(({ field, message }) => (
            <li key={`${field} ${message}`}>{field ? `${fieldLabel(field)}: ${message}` : message}</li>
          ))}
        </ul>
      ) : null}
    </Notice>
  );
}
