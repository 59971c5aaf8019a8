import { describe, expect, it } from 'vitest';
import { assertionsModel } from '../infra/models/assertions.ts';
import { callOf, contents, criterion, events, judged, turnOf, verdict } from '../tests/support/agent/judged.ts';
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
        evidence: ['call-1', 'event-1'],
        gradedBy: 'judge',
        judge: { model: 'acme/judge', usage: { input: 900, output: 40, cachedInput: 800 } },
      },
    ]);
    expect(results[0]?.judge?.response).toContain('"verdict":"pass"');
    expect(results[0]?.judge?.request).toContain('The agent reports the id of the order');
    // The record is the run's trace; a second copy would outlive a setting that results are not kept.
    expect(results[0]?.judge?.request).not.toContain('ORD-1');
    expect(requests[0]?.response_format?.json_schema?.strict).toBe(true);
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
      { position: 0, verdict: 'pass', gradedBy: 'assertion', evidence: ['call-1'] },
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
    await expect.poll(() => waiting.length).toBeGreaterThan(0);
    // All that it starts, it starts in one go.
    expect(waiting).toHaveLength(4);
    waiting[0]?.();
    await expect.poll(() => waiting).toHaveLength(5);
    waiting[1]?.();
    await expect.poll(() => waiting).toHaveLength(6);
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

  // What is not JSON is requested in all three formats first.
  it.each<[string, Reply, number]>([
    ['no JSON', { answer: 'It passes.' }, 4],
    ['another shape', { answer: '{"verdict":"pass"}' }, 2],
    ['a verdict that there is not', verdict({ verdict: 'maybe' }), 2],
    ['an empty rationale', verdict({ rationale: ' ' }), 2],
    ['nothing', { answer: '' }, 4],
  ])('asks again once when the answer is %s', async (_, bad, requestCount) => {
    const { results, requests } = await judged(({ messages }) =>
      messages.length === 2 ? bad : verdict({ verdict: 'partial' }),
    );
    expect(results[0]).toMatchObject({ verdict: 'partial' });
    expect(requests).toHaveLength(requestCount);
    const again = requests.at(-1) ?? { model: '', messages: [] };
    expect(again.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    expect(contents(again).at(-1)).toMatch(/can't be used/);
    const twice = await judged(() => bad);
    expect(twice.results[0]).toMatchObject({ verdict: 'error', rationale: expect.stringMatching(/asked twice/) });
    expect(twice.requests).toHaveLength(requestCount);
    expect(twice.results[0]?.evidence).toEqual([]);
  });

  it.each([
    ['only', ['call-8']],
    ['also', ['call-1', 'event-99']],
    ['oddly spelled', ['Call-1']],
    ['no', ['the first call']],
  ])('rejects fabricated evidence (%s)', async (_, evidence) => {
    const fixed = await judged((_request, number) => verdict(number === 1 ? { evidence } : {}));
    expect(fixed.results[0]).toMatchObject({ verdict: 'pass', evidence: ['call-1', 'event-1'] });
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

describe('the verdict of a judge on a run with a call that Armature interrupted', () => {
  const transcript = {
    events: events(turnOf(2), { type: 'final_answer', content: 'Ordered: ORD-1' }),
    calls: [callOf(0), callOf(1, { outcome: 'interrupted', error: 'Armature was interrupted during the call.' })],
  };
  it.each([
    ['pass', ['call-2'], 'error'],
    ['fail', ['call-2', 'event-1'], 'error'],
    ['partial', ['call-1', 'call-2'], 'error'],
    // Nothing was there: perhaps because the answer was lost.
    ['fail', [], 'error'],
    ['fail', ['event-1'], 'error'],
    ['fail', ['call-1'], 'fail'],
    ['pass', ['call-1'], 'pass'],
    ['pass', [], 'pass'],
  ])('%s by %j becomes %s', async (given, evidence, expected) => {
    const { results } = await judged(() => verdict({ verdict: given, evidence }), { transcript });
    expect(results[0]?.verdict).toBe(expected);
    if (expected !== 'error') return;
    expect(results[0]).toMatchObject({
      evidence: expect.arrayContaining(['call-2', ...evidence]),
      rationale: expect.stringMatching(new RegExp(`interrupted during call-2.*verdict was ${given}`)),
    });
  });

  it('stands where no call was interrupted', async () => {
    const { results } = await judged(() => verdict({ verdict: 'fail', evidence: [] }));
    expect(results[0]?.verdict).toBe('fail');
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
    // A 500 may be about the format, of which there are three.
    ['stays down', { status: 500 }, 9, /500.*tried 3 times/],
    ['stays overloaded', { status: 503 }, 3, /503.*tried 3 times/],
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
