import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { fieldLabel } from '../../routes/workflows/definition/labels.ts';
import type { Problem } from '../../shell/problem.ts';
import { Notice } from '../base/notice.tsx';

/** React warns of layout effects on the server, where there is nothing to measure. */
const useBeforePaint = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/**
 * Why a form was refused. Put it above the form. Messages of fields are shown at the fields: here is how many there
 * are, with links to them, and the first gets the focus. Without JavaScript, and for a field that the page doesn't
 * have, the message is here.
 */
export function ErrorSummary({ problem }: { problem: Problem | undefined }) {
  const box = useRef<HTMLDivElement>(null);
  const [atFields, setAtFields] = useState<readonly string[]>([]);
  useBeforePaint(() => {
    if (!problem) return;
    const wrong = wrongFields();
    setAtFields(wrong.map(({ dataset }) => dataset.problem ?? ''));
    (wrong[0] ?? box.current)?.focus();
  }, [problem]);
  if (!problem) return null;
  const marked = problem.fieldErrors.filter(({ message }) => atFields.includes(message));
  const others = problem.fieldErrors.filter(({ message }) => !atFields.includes(message));
  const isAtField = marked.some(({ field, message }) => problem.message === `${field}: ${message}`);
  const isField = ({ field, message }: Problem['fieldErrors'][number]) => problem.message === `${field}: ${message}`;
  const said = new Set([problem.message, `${problem.message} ${problem.remediation}`]);
  const listed = others.filter((each) => !said.has(each.message));
  const title = isAtField ? '' : listed.some(isField) ? '' : problem.message;
  return (
    <div ref={box} tabIndex={-1} className="outline-none">
      <Notice
        tone="bad"
        alert
        title={
          marked.length === 0
            ? title || 'Some fields need attention'
            : marked.length === 1
              ? '1 field needs attention'
              : `${marked.length} fields need attention`
        }
      >
        {marked.length > 0 ? (
          <p className="flex flex-wrap gap-x-3">
            {marked.map(({ field, message }) => (
              <button
                key={`${field} ${message}`}
                type="button"
                className="min-h-6 cursor-pointer underline"
                onClick={() =>
                  wrongFields()
                    .find(({ dataset }) => dataset.problem === message)
                    ?.focus()
                }
              >
                {fieldLabel(field)}
              </button>
            ))}
          </p>
        ) : null}
        {listed.length > 0 ? (
          <ul className={listed.length > 1 ? 'list-disc pl-5' : ''}>
            {listed.map(({ field, message }) => (
              <li key={`${field} ${message}`}>{field ? `${fieldLabel(field)}: ${message}` : message}</li>
            ))}
          </ul>
        ) : null}
        {marked.length > 0 ? null : <p>{problem.remediation}</p>}
      </Notice>
    </div>
  );
}

const wrongFields = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-problem]')];
