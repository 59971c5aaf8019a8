import { describe, expect, it, vi } from 'vitest';
import { assertionsModel } from '../infra/models/assertions.ts';
import { contents, criterion, judged, verdict } from '../tests/support/agent/judged.ts';
import type { Reply } from '../tests/support/models/provider.ts';
import type { Model } from './ports.ts';

describe('grading', () => {
  it('asks the judge and keeps what was asked, answered and used', async () => {
    const { results, requests } = await judged(() => verdict());
    expect(results).toMatchObject([
      {
        criterionId: criterion('').id,
        position: 0,
        verdict: 'pass',
        rationale: 'The answer names ORD-1.',
        evidence: ['call-0', 'event-1'],
        gradedBy: 'judge',
        judge: { model: 'acme/judge', usage: { input: 900, output: 40, cachedInput: 800 } },
      },
    ]);
    expect(results[0]?.judge?.response).toContain('"verdict":"pass"');
    expect(results[0]?.judge?.request).toContain('The agent reports the id of the order');
    // The record is the run's trace; a second copy would outlive a setting that results are not kept.
    expect(results[0]?.judge?.request).not.toContain('ORD-1');
    expect(requests[0]?.response_format?.json_schema.strict).toBe(true);
  });

  it('grades assertions by code, whatever the judge', async () => {
    const { results, requests } = await judged(() => verdict(), {
      criteria: [
        criterion('calls `create_order` exactly once', 0),
        criterion('final answer contains "ORD-2"', 1),
        criterion('The agent is polite', 2),
      ],
      judge: assertionsModel,
    });
    expect(requests).toEqual([]);
    expect(results).toMatchObject([
      { position: 0, verdict: 'pass', gradedBy: 'assertion', evidence: ['call-0'] },
      { position: 1, verdict: 'fail', gradedBy: 'assertion' },
      {
        position: 2,
        verdict: 'error',
        gradedBy: 'judge',
        rationale: expect.stringMatching(/can't read "The agent is polite"/),
      },
    ]);
    expect(results[0]).not.toHaveProperty('judge');
  });

  const sixCriteria = ['first', 'second', 'third', 'fourth', 'fifth', 'sixth'].map((word, position) =>
    criterion(`The agent does the ${word} thing`, position),
  );

  it('asks at most 4 questions at once', async () => {
    const waiting: (() => void)[] = [];
    const judge: Model = {
      id: 'fake/judge',
      cost: () => 0,
      complete: async () => {
        await new Promise<void>((resolve) => waiting.push(resolve));
        return {
          content: '{"rationale":"So.","evidence":[],"verdict":"pass"}',
          toolCalls: [],
          usage: { input: 1, output: 1 },
        };
      },
    };
    const graded = judged(() => verdict(), { criteria: sixCriteria, judge });
    await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0));
    // All that it starts, it starts in one go.
    expect(waiting).toHaveLength(4);
    waiting[0]?.();
    await vi.waitFor(() => expect(waiting).toHaveLength(5));
    waiting[1]?.();
    await vi.waitFor(() => expect(waiting).toHaveLength(6));
    for (const go of waiting) go();
    expect((await graded).results).toHaveLength(6);
  });

  it('asks once a criterion, with the same beginning for all', async () => {
    const texts = sixCriteria.map(({ text }) => text);
    const { results, requests } = await judged(() => verdict(), { criteria: sixCriteria });
    expect(results.map(({ position, text }) => [position, text])).toEqual(texts.map((text, index) => [index, text]));
    expect(requests).toHaveLength(6);
    const beginnings = requests.map((request) => {
      const [system = '', user = ''] = contents(request);
      const asked = texts.find((text) => user.endsWith(`\n${text}`));
      return `${system}${user.slice(0, -(asked?.length ?? 0))}`;
    });
    expect(new Set(beginnings).size).toBe(1);
    expect(new Set(requests.map((request) => contents(request).join()).map((all) => all.slice(-30))).size).toBe(6);
  });

  it.each<[string, Reply]>([
    ['no JSON', { answer: 'It passes.' }],
    ['another shape', { answer: '{"verdict":"pass"}' }],
    ['a verdict that there is not', verdict({ verdict: 'maybe' })],
    ['an empty rationale', verdict({ rationale: ' ' })],
    ['nothing', { answer: '' }],
  ])('asks again once when the answer is %s', async (_, bad) => {
    const { results, requests } = await judged((_request, number) =>
      number === 1 ? bad : verdict({ verdict: 'partial' }),
    );
    expect(results[0]).toMatchObject({ verdict: 'partial' });
    expect(requests).toHaveLength(2);
    expect(requests[1]?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(contents(requests[1] ?? { model: '', messages: [] }).at(-1)).toMatch(/can't be used/);
    const twice = await judged(() => bad);
    expect(twice.results[0]).toMatchObject({ verdict: 'error', rationale: expect.stringMatching(/asked twice/) });
    expect(twice.requests).toHaveLength(2);
    expect(twice.results[0]?.evidence).toEqual([]);
  });

  it.each([
    ['only', ['call-7']],
    ['also', ['call-0', 'event-99']],
    ['oddly spelled', ['Call-0']],
    ['no', ['the first call']],
  ])('rejects fabricated evidence (%s)', async (_, evidence) => {
    const fixed = await judged((_request, number) => verdict(number === 1 ? { evidence } : {}));
    expect(fixed.results[0]).toMatchObject({ verdict: 'pass', evidence: ['call-0', 'event-1'] });
    expect(contents(fixed.requests[1] ?? { model: '', messages: [] }).at(-1)).toContain(`"${evidence.at(-1)}"`);
    expect(fixed.results[0]?.judge?.usage).toMatchObject({ input: 1800, output: 80 });
    const { results } = await judged(() => verdict({ evidence }));
    expect(results[0]).toMatchObject({
      verdict: 'error',
      evidence: [],
      rationale: expect.stringMatching(/not in the record/),
    });
  });

  it('takes an answer in a code block', async () => {
    const { results } = await judged(() => ({
      answer: '```json\n{"rationale":"No id.","evidence":[],"verdict":"fail"}\n```',
    }));
    expect(results[0]).toMatchObject({ verdict: 'fail', rationale: 'No id.' });
  });
});

describe('a judge that fails', () => {
  it('is asked again as the retry policy says', async () => {
    const replies: Reply[] = [{ status: 429, headers: { 'retry-after': '3' } }, { raw: '{"choi' }, verdict()];
    const { results, slept } = await judged((_, number) => replies[number - 1] ?? verdict());
    expect(results[0]?.verdict).toBe('pass');
    expect(slept).toEqual([3000, 2000]);
  });

  it.each<[string, Reply, number, RegExp]>([
    ['refuses its key', { status: 401 }, 1, /refused its API key/],
    ['stays down', { status: 500 }, 3, /500.*tried 3 times/],
    ['stays slow', { hang: 'body' }, 3, /within 0\.2 s/],
    ['is cut off', { cutOff: 'chunked' }, 3, /broke its answer off/],
    ['asks for too long a wait', { status: 429, headers: { 'retry-after': '900' } }, 1, /900 s/],
    ['declines', { answer: '', refusal: 'No.' }, 1, /declined to answer: No\./],
  ])('leaves the criterion ungraded, with the reason, when it %s', async (_, reply, asked, says) => {
    const { results, requests } = await judged(() => reply, 'hang' in reply ? { timeoutMs: 200 } : {});
    expect(results[0]).toMatchObject({ verdict: 'error', gradedBy: 'judge', rationale: expect.stringMatching(says) });
    expect(requests).toHaveLength(asked);
  });

  it('spoils no other criterion', async () => {
    const { results } = await judged(
      (request) => (contents(request).at(-1)?.endsWith('bad') ? { status: 500 } : verdict()),
      { criteria: [criterion('The first is bad', 0), criterion('The second is good', 1)] },
    );
    expect(results.map((each) => each.verdict)).toEqual(['error', 'pass']);
  });

  it('ends when the signal aborts', async () => {
    const abort = new AbortController();
    const reason = new Error('canceled');
    const asked = judged(
      () => {
        abort.abort(reason);
        return { hang: 'headers' };
      },
      { signal: abort.signal },
    );
    await expect(asked).rejects.toBe(reason);
  });
});
