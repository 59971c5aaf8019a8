import type { DiagnosisFacts } from '../domain/diagnosis/diagnose.ts';
import type { ToolCall } from '../domain/run/run.ts';
import { workflowDefinition } from '../domain/workflow/definition.ts';

const at = new Date(0).toISOString();
const list = <T>(count: number, item: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => item(index));

/** A failed run of so many steps, on a server that renamed four times as many tools and changed large results. */
export function diagnosisInput(size: number): DiagnosisFacts {
  const tools = (word: string) =>
    list(size * 4, (index) => ({
      name: `${word}_tool_${index}`,
      description: `Does thing ${index}.`,
      inputSchema: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
    }));
  const [before, now] = [tools('old'), tools('new')];
  const criteria = list(size / 5, (index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    text: `\`old_tool_${index % 5}\` result contains "word ${index}"`,
  }));
  const definition = workflowDefinition.parse({
    name: 'Large',
    serverId: '00000000-0000-4000-8000-0000000000aa',
    testerModels: ['builtin/scripted'],
    judgeModel: 'builtin/assertions',
    prompt: list(size, (index) => `call old_tool_${index} {"q": "a"}`).join('\n'),
    criteria,
  });
  const calls = (change: string) =>
    list(size, (index): ToolCall => {
      const items = list(index < 5 ? size * 20 : 1, (item) => ({ id: `x${item}`, name: `${change} ${item}` }));
      return {
        index: index + 1,
        turn: 1,
        tool: `old_tool_${index}`,
        arguments: { q: 'a' },
        outcome: 'ok',
        result: { content: [], structuredContent: { items }, isError: false },
        startedAt: at,
        latencyMs: 1,
        attempts: 1,
      };
    });
  return {
    run: { id: 'failed', status: 'fail', error: null, limitHit: null, model: 'builtin/scripted' },
    versionId: 'version',
    definition,
    active: definition,
    finalAnswer: null,
    events: [
      {
        seq: 0,
        at,
        type: 'connected',
        server: { name: 'large', version: '1' },
        protocolVersion: '2025-11-25',
        offered: before.map(({ name }) => name),
        again: false,
      },
    ],
    calls: calls('new'),
    results: definition.criteria.map(({ id, text }, position) => ({
      criterionId: id,
      position,
      text,
      isRequired: true,
      verdict: 'fail',
      rationale: '',
      evidence: [],
      gradedBy: 'assertion',
    })),
    seenTools: before,
    currentTools: now,
    goneTools: before,
    lastPassing: { id: 'passed', definition, calls: calls('old'), tools: before, durationMs: 1 },
    others: { runs: [], isWhole: true },
    catalogHash: null,
    createdAt: at,
  };
}
