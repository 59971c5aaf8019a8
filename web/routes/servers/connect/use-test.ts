import { useRef, useState } from 'react';
import type { ConnectStep } from '../../../../services/server/probe.ts';
import type { ProbeView } from '../../../../services/server/view.ts';
import { isProblem, type Problem } from '../../../shell/problem.ts';

/** What the test of a connection sends, a line each. */
export type TestLine =
  | ({ kind: 'step' } & ConnectStep)
  | { kind: 'probe'; probe: ProbeView }
  | { kind: 'problem'; problem: Problem };

export type ConnectionTest = {
  steps: ConnectStep[];
  isRunning: boolean;
  isCanceled: boolean;
  probe: ProbeView | null;
  problem: Problem | undefined;
};

const blank: ConnectionTest = { steps: [], isRunning: false, isCanceled: false, probe: null, problem: undefined };

/**
 * Tests a connection step by step. Needs JavaScript; without it the form is sent as a whole.
 * @param address of the route that tests
 */
export function useTest(address: string) {
  const [test, setTest] = useState(blank);
  const running = useRef<AbortController | null>(null);

  /** @returns whether the server answered */
  async function run(form: FormData): Promise<boolean> {
    running.current?.abort();
    const aborter = new AbortController();
    running.current = aborter;
    let now: ConnectionTest = { ...blank, isRunning: true };
    const show = (next: Partial<ConnectionTest>) => {
      now = { ...now, ...next };
      if (running.current === aborter) setTest(now);
    };
    show({});
    try {
      for await (const line of readLines(address, form, aborter.signal)) {
        if (line.kind === 'step') show({ steps: [...now.steps, line] });
        else if (line.kind === 'probe') show({ probe: line.probe });
        else show({ problem: line.problem });
      }
    } catch (error) {
      if (!aborter.signal.aborted) show({ problem: broken(error) });
    }
    show({ isRunning: false, isCanceled: aborter.signal.aborted });
    return now.probe?.ok === true && !aborter.signal.aborted;
  }

  return {
    test,
    run,
    cancel: () => running.current?.abort(),
    forget: () => setTest(blank),
  };
}

async function* readLines(address: string, form: FormData, signal: AbortSignal): AsyncGenerator<TestLine> {
  const body = new URLSearchParams();
  for (const [name, value] of form) if (typeof value === 'string') body.append(name, value);
  const response = await fetch(address, { method: 'POST', body, signal });
  if (response.headers.get('content-type')?.includes('ndjson') !== true || !response.body) {
    const answer: unknown = await response.json();
    const problem = typeof answer === 'object' && answer !== null && 'problem' in answer ? answer.problem : null;
    if (!isProblem(problem)) throw new Error(`HTTP status ${response.status}`);
    yield { kind: 'problem', problem };
    return;
  }
  let rest = '';
  const decoder = new TextDecoder();
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    rest += decoder.decode(value, { stream: !done });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield JSON.parse(line);
    if (done) return;
  }
}

const broken = (error: unknown): Problem => ({
  code: 'offline',
  message: 'The test was interrupted.',
  remediation: `Check your connection, then test again. (${error instanceof Error ? error.message : 'no answer'})`,
  fieldErrors: [],
  requestId: '',
});
