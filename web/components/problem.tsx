import type { Problem } from '../problem.ts';
import { Notice } from './ui.tsx';

/** What went wrong with a form, and what to do about it. */
export function ProblemNotice({ problem }: { problem: Problem | undefined }) {
  if (!problem) return null;
  const others = problem.fieldErrors.filter(({ message }) => !problem.message.includes(message));
  return (
    <Notice tone="bad" alert title={problem.message}>
      <p>{problem.remediation}</p>
      {others.length > 0 ? (
        <ul className="mt-1 list-disc pl-5">
          {others.map(({ field, message }) => (
            <li key={`${field} ${message}`}>{field ? `${field}: ${message}` : message}</li>
          ))}
        </ul>
      ) : null}
    </Notice>
  );
}
