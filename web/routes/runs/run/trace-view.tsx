import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useFetcher, useNavigate, useSearchParams } from 'react-router';
import type { Step } from '../../../../domain/run/steps.ts';
import type { Outline } from '../../../../services/run/trace/outline.ts';
import type { TraceStep } from '../../../../services/run/trace/trace-step.ts';
import { useLiveChanges } from '../../../shell/live/live.tsx';
import { useFormat } from '../../../shell/reader-provider.tsx';
import { Card } from '../../../ui/base/card.tsx';
import { Skeleton } from '../../../ui/base/skeleton.tsx';
import { Waterfall } from '../../../ui/chart/waterfall.tsx';
import { inputClass } from '../../../ui/form/field.tsx';
import { Link } from '../../../ui/page/link.tsx';
import { Inspector } from './inspector.tsx';
import { capitalize, describeStep, findStep } from './step-text.ts';

export type ShownTrace = Outline & {
  /** More steps than the page was sent with. */
  hiddenCount: number;
  /** The step that the address names, as the server read it. */
  chosen: { id: string; detail: TraceStep } | null;
};

/** Until here the filters are no help. */
const fewSteps = 8;

/**
 * The steps of a run on a time axis. The address names the step whose content is shown below it; j and k go to the
 * next and the one before.
 */
export function TraceView({
  trace,
  runId,
  runUrl,
  isGoing,
}: {
  trace: ShownTrace;
  runId: string;
  runUrl: string;
  isGoing: boolean;
}) {
  const format = useFormat();
  const all = useWholeTrace(trace, { runId, runUrl, isGoing });
  const { chosen, choose } = useChosen(all.steps);
  const detail = useDetail(runUrl, chosen, trace.chosen);
  const [search, setSearch] = useState('');
  const [onlyProblems, setOnlyProblems] = useState(false);
  const [follows, setFollows] = useState(false);
  const list = useRef<HTMLDivElement>(null);
  const wanted = search.trim().toLowerCase();
  const shown = all.steps
    .map((step) => ({ step, text: describeStep(step, format) }))
    .filter(
      ({ text: { name, note, isProblem } }) =>
        (!onlyProblems || isProblem) && `${name} ${note}`.toLowerCase().includes(wanted),
    );
  useFollow(list, follows && isGoing, all.steps.length);
  const move = (event: KeyboardEvent) => {
    const by = event.key === 'j' ? 1 : event.key === 'k' ? -1 : 0;
    const isTyping = event.target instanceof HTMLInputElement;
    if (by === 0 || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
    // The focus moves before the address does.
    const here = event.target instanceof Element ? event.target.closest('li[id]')?.id : undefined;
    const at = shown.findIndex(({ step }) => step.id === here);
    const next = shown[at === -1 ? (by === 1 ? 0 : shown.length - 1) : at + by];
    if (!next) return;
    choose(next.step);
    list.current?.querySelector<HTMLElement>(`#${next.step.id} a`)?.focus();
  };
  return (
    <Card
      flush
      title="Trace"
      aside={
        <Tools
          isLong={all.steps.length > fewSteps}
          isGoing={isGoing}
          search={{ value: search, set: setSearch }}
          onlyProblems={{ value: onlyProblems, set: setOnlyProblems }}
          follows={{ value: follows, set: setFollows }}
        />
      }
    >
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys belong to the links inside. */}
      <div ref={list} onKeyDown={move}>
        {all.steps.length === 0 ? (
          <p className="p-4 text-muted">{isGoing ? 'Waiting for a worker …' : 'No trace was recorded.'}</p>
        ) : shown.length === 0 ? (
          <p className="p-4 text-muted">No step matches.</p>
        ) : null}
        <Waterfall
          label="Steps"
          totalMs={all.totalMs}
          rows={shown.map(({ step, text }) => {
            const { id, also, startMs, durationMs } = step;
            const isChosen = id === chosen?.id;
            return {
              id,
              also,
              startMs,
              durationMs,
              depth: step.kind === 'call' ? 1 : 0,
              status: text.status,
              isChosen,
              detail: isChosen ? detail ? <Inspector step={detail} /> : <Skeleton lines={2} /> : null,
              name: (
                <Link
                  to={isChosen ? '?' : `?step=${id}#${id}`}
                  replace
                  preventScrollReset
                  prefetch="none"
                  aria-expanded={isChosen}
                  className="no-underline hover:underline"
                >
                  <span className="font-medium">{capitalize(text.name)}</span>{' '}
                  <span className="text-muted">{text.note}</span>
                </Link>
              ),
            };
          })}
        />
      </div>
      {all.hiddenCount > 0 ? (
        <p className="border-line border-t p-4">
          <Link to="?all=1" className="text-accent underline" prefetch="none">
            Show {format.count(all.hiddenCount, 'more step')}
          </Link>
        </p>
      ) : null}
      {isGoing ? (
        <noscript>
          <p className="border-line border-t p-4">
            <a href="?" className="underline">
              Reload to see more
            </a>
          </p>
        </noscript>
      ) : null}
    </Card>
  );
}

type State<T> = { value: T; set: (value: T) => void };

function Tools({
  isLong,
  isGoing,
  search,
  onlyProblems,
  follows,
}: {
  isLong: boolean;
  isGoing: boolean;
  search: State<string>;
  onlyProblems: State<boolean>;
  follows: State<boolean>;
}) {
  const id = useId();
  if (!isLong && !isGoing) return null;
  return (
    <div className="with-scripts flex flex-wrap items-center gap-x-4 gap-y-2">
      {isGoing ? <Check label="Follow" state={follows} /> : null}
      {isLong ? (
        <>
          <Check label="Errors only" state={onlyProblems} />
          <label htmlFor={id} className="sr-only">
            Search the trace
          </label>
          <input
            id={id}
            type="search"
            placeholder="Search steps"
            value={search.value}
            onChange={(event) => search.set(event.target.value)}
            className={`${inputClass} max-w-44`}
          />
        </>
      ) : null}
    </div>
  );
}

function Check({ label, state: { value, set } }: { label: string; state: State<boolean> }) {
  return (
    <label className="flex min-h-11 items-center gap-2 text-sm md:min-h-8">
      <input type="checkbox" className="size-4" checked={value} onChange={(event) => set(event.target.checked)} />
      {label}
    </label>
  );
}

/**
 * The page of an ended run is sent with its first steps; the rest comes after it. While a run goes on its steps are
 * loaded at each change, without the rest of the page, which is loaded less often.
 */
function useWholeTrace(
  trace: ShownTrace,
  { runId, runUrl, isGoing }: { runId: string; runUrl: string; isGoing: boolean },
): ShownTrace {
  const { load, data } = useFetcher<Outline>();
  const isPart = trace.hiddenCount > 0;
  useEffect(() => {
    if (isPart) void load(`${runUrl}/trace`);
  }, [isPart, load, runUrl]);
  useLiveChanges(['run'], () => (isGoing ? void load(`${runUrl}/trace`) : undefined), { id: runId });
  const isNewer = data !== undefined && data.steps.length >= trace.steps.length;
  return isNewer && (isPart || isGoing) ? { ...trace, ...data, hiddenCount: 0 } : trace;
}

/** The step that the address names, by `?step=` or as an anchor. */
function useChosen(steps: readonly Step[]): { chosen: Step | undefined; choose: (step: Step) => void } {
  const [params] = useSearchParams();
  const navigate = useNavigate();
  const asked = params.get('step');
  useEffect(() => {
    const id = window.location.hash.slice(1);
    if (asked === null && /^(call|event)-\d+$/.test(id)) navigate(`?step=${id}#${id}`, { replace: true });
  }, [asked, navigate]);
  return {
    chosen: asked === null ? undefined : findStep(steps, asked),
    choose: ({ id }) => void navigate(`?step=${id}#${id}`, { replace: true, preventScrollReset: true }),
  };
}

/** Null until it is loaded. It is loaded again when the step has ended. */
function useDetail(runUrl: string, chosen: Step | undefined, sent: ShownTrace['chosen']): TraceStep | null {
  const { load, data, state } = useFetcher<TraceStep>();
  const isSent = chosen !== undefined && sent?.id === chosen.id;
  const { seq = null, durationMs = null } = chosen ?? {};
  // biome-ignore lint/correctness/useExhaustiveDependencies: a step that has ended has more to show.
  useEffect(() => {
    if (seq !== null && !isSent) void load(`${runUrl}/trace?step=${seq}`);
  }, [seq, isSent, durationMs, load, runUrl]);
  if (isSent && sent) return sent.detail;
  return data?.event?.seq === seq && (state === 'idle' || data.event) ? data : null;
}

/** Keeps the newest step in view. */
function useFollow(list: { current: HTMLElement | null }, isOn: boolean, count: number): void {
  useEffect(() => {
    if (isOn && count > 0) list.current?.querySelector('li:last-child')?.scrollIntoView({ block: 'nearest' });
  }, [list, isOn, count]);
}
