import { Plus } from 'lucide-react';
import { useMemo, useRef, useState } from 'react';
import { Button } from '../../../ui/base/button.tsx';
import { useHydrated } from '../../../ui/hooks/use-hydrated.ts';
import { completeCriterion, type Known } from './complete.ts';
import { CriterionRow, type Line } from './criterion-row.tsx';
import type { CheckedTexts } from './use-check.ts';
import type { EditorValues } from './values.ts';

const blank = { id: '', text: '', isRequired: true };
/** Empty lines where none can be added, without JavaScript. */
const spare = 5;

/** One criterion a line, each with how it is graded. Pasted lines become criteria of their own. */
export function CriteriaEditor({
  criteria,
  problems,
  texts,
  known,
}: {
  criteria: EditorValues['criteria'];
  problems: Map<number, string>;
  texts: CheckedTexts;
  known: Known;
}) {
  const hydrated = useHydrated();
  const nextKey = useRef(0);
  const list = useRef<HTMLOListElement>(null);
  const keyed = (line: EditorValues['criteria'][number]): Line => ({ ...line, key: nextKey.current++ });
  const [lines, setLines] = useState<Line[]>(() => (criteria.length > 0 ? criteria : [blank]).map(keyed));
  /** Of the row that gets the focus when it is there. */
  const [focused, setFocused] = useState<number | null>(null);
  const complete = useMemo(() => completeCriterion(known), [known]);
  const addAfter = (key: number | null, added: string[]) => {
    const rows = added.map((text) => keyed({ ...blank, text }));
    setFocused(rows.at(-1)?.key ?? null);
    setLines((all) => {
      const at = key === null ? all.length : all.findIndex((line) => line.key === key) + 1;
      return [...all.slice(0, at), ...rows, ...all.slice(at)];
    });
  };
  const remove = (key: number) => {
    const at = lines.findIndex((line) => line.key === key);
    setFocused(lines[at + 1]?.key ?? lines[at - 1]?.key ?? null);
    setLines((all) => (all.length > 1 ? all.filter((line) => line.key !== key) : [keyed(blank)]));
  };
  // The rows are rendered again by their own text alone, so what they call stays the same.
  const latest = useRef({ addAfter, remove });
  latest.current = { addAfter, remove };
  const [calls] = useState(() => ({
    addAfter: (key: number | null, added: string[]) => latest.current.addAfter(key, added),
    remove: (key: number) => latest.current.remove(key),
  }));
  return (
    <div className="space-y-3">
      <ol ref={list} className="space-y-2">
        {lines.map((line, index) => (
          <CriterionRow
            key={line.key}
            line={line}
            position={index}
            problem={problems.get(index)}
            texts={texts}
            complete={complete}
            calls={calls}
            isFocused={focused === line.key}
          />
        ))}
        {hydrated ? null : <SpareRows from={lines.length} texts={texts} complete={complete} calls={calls} />}
      </ol>
      <Button type="button" className="with-scripts" onClick={() => addAfter(null, [''])}>
        <Plus aria-hidden="true" className="size-4" /> Add a criterion
      </Button>
    </div>
  );
}

type Shared = Pick<Parameters<typeof CriterionRow>[0], 'texts' | 'complete' | 'calls'>;

function SpareRows({ from, ...shared }: Shared & { from: number }) {
  return Array.from({ length: spare }, (_, index) => (
    <CriterionRow
      // biome-ignore lint/suspicious/noArrayIndexKey: they never move.
      key={`spare-${index}`}
      line={{ ...blank, key: -1 - index }}
      position={from + index}
      problem={undefined}
      isFocused={false}
      {...shared}
    />
  ));
}
