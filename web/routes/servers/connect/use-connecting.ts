import { type MouseEvent, useRef, useState } from 'react';
import type { ProbeView } from '../../../../services/server/view.ts';
import { kept, type Values } from '../../../shell/form.ts';
import type { Problem } from '../../../shell/problem.ts';
import type { NextTry } from './find-next-tries.ts';
import { useTest } from './use-test.ts';

type Given = { transport: string; authKind: string; url: string };

/** What the page's action answered: without JavaScript all of it, else what connecting did. */
type Answer = {
  /** A new one is a new answer. */
  key: unknown;
  probe: ProbeView | undefined;
  problem: Problem | undefined;
  values: Values | undefined;
};

/**
 * The buttons of the form for a new server. "Connect" tests first, step by step, and sends the form when the server has
 * answered; "Test" only tests. Without JavaScript they send the form.
 */
export function useConnecting({ address, answer }: { address: string; answer: Answer }) {
  const { test, run, cancel, forget } = useTest(address);
  const [since, setSince] = useState(0);
  const [tested, setTested] = useState<Given | null>(null);
  const isPassed = useRef(false);
  // The latest counts, whether it came from a test or from the page's action.
  const [seen, setSeen] = useState(answer.key);
  const [isAnswerLatest, setAnswerLatest] = useState(answer.key !== undefined);
  if (answer.key !== seen) {
    setSeen(answer.key);
    setAnswerLatest(answer.key !== undefined);
  }

  async function begin(button: HTMLButtonElement): Promise<void> {
    const { form } = button;
    if (!form) return;
    const data = new FormData(form);
    setSince(Date.now());
    setTested(givenIn(data));
    setAnswerLatest(false);
    const hasAnswered = await run(data);
    if (!hasAnswered || button.value !== 'connect') return;
    isPassed.current = true;
    // Disabled while it was tested.
    button.disabled = false;
    button.click();
  }

  return {
    test,
    since,
    cancel,
    probe: isAnswerLatest ? answer.probe : (test.probe ?? undefined),
    problem: isAnswerLatest ? answer.problem : test.problem,
    given: (isAnswerLatest ? null : tested) ?? {
      transport: kept(answer.values, 'transport', 'streamable_http'),
      authKind: kept(answer.values, 'authKind', 'none'),
      url: kept(answer.values, 'url'),
    },
    onTest(event: MouseEvent<HTMLButtonElement>) {
      if (isPassed.current) {
        isPassed.current = false;
        return;
      }
      event.preventDefault();
      void begin(event.currentTarget);
    },
    onTry(event: MouseEvent<HTMLButtonElement>, { field, value }: NextTry) {
      event.preventDefault();
      const button = event.currentTarget;
      setField(button.form, field, value);
      if (field !== 'authKind') return void begin(button);
      // The credential has to be entered first, in the field that this shows.
      forget();
      setAnswerLatest(false);
      const credential = value === 'bearer' ? 'token' : 'authHeader';
      requestAnimationFrame(() => document.querySelector<HTMLInputElement>(`input[name=${credential}]`)?.focus());
    },
  };
}

const givenIn = (form: FormData): Given => ({
  transport: String(form.get('transport')),
  authKind: String(form.get('authKind')),
  url: String(form.get('url')),
});

/** As if a person had chosen or typed it. */
function setField(form: HTMLFormElement | null, name: string, value: string): void {
  const control = form?.elements.namedItem(name);
  if (control instanceof HTMLSelectElement) control.value = value;
  else if (control instanceof HTMLInputElement)
    // React keeps track of what it has set itself.
    Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set?.call(control, value);
  else return;
  control.dispatchEvent(new Event('input', { bubbles: true }));
  control.dispatchEvent(new Event('change', { bubbles: true }));
}
