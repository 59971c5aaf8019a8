import { createCase, type DiagnosisFacts } from './facts.ts';
import { applyRemedy, createRemedy, type SuggestedChange, toChanges } from './remedy.ts';

/**
 * What would adapt the active definition of a workflow to the tools that its server has now, known without a failed
 * run: from the facts of any run of it.
 * @returns `successors`: by the names of tools that are gone, what each is most likely called now
 */
export function adaptToCatalog(facts: DiagnosisFacts): {
  suggestedChange: SuggestedChange | null;
  successors: ReadonlyMap<string, string>;
} {
  const of = createCase(facts);
  const remedy = createRemedy(of);
  const adapted = applyRemedy(of.active, of, remedy, { allow: [], limits: {} });
  return {
    suggestedChange: toChanges(of.active, adapted),
    successors: new Map([...remedy.successors].map(([gone, { name }]) => [gone, name])),
  };
}
