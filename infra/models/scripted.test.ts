import { describe, expect, it } from 'vitest';
import type { Message } from '../../agent/ports.ts';
import { assertionsModel } from './assertions.ts';
import { scriptedModel } from './scripted.ts';

const signal = new AbortController().signal;
const tools = ['search_products', 'create_order'].map((name) => ({
  name,
  description: '',
  inputSchema: { type: 'object' },
}));

/** The conversation after these results. */
async function afterResults(prompt: string, results: readonly string[]) {
  const messages: Message[] = [
    { role: 'system', content: 'You test a server.' },
    { role: 'user', content: prompt },
  ];
  for (const result of results) {
    const { toolCalls, content } = await scriptedModel.complete({ messages, tools, signal });
    messages.push({ role: 'assistant', content, toolCalls });
    for (const { id } of toolCalls) messages.push({ role: 'tool', toolCallId: id, content: result });
  }
  return scriptedModel.complete({ messages, tools, signal });
}

describe('builtin/scripted', () => {
  const prompt = `Order a lamp.
call search_products {"query": "lamp"}
 2. call create_order {"sku": $1.products[0].sku, "quantity": "$1.products[0].stock", "note": "costs $1.products", "price": "$$5"}
call get_order {"order": $2}
Then report.`;
  const found = '{"products":[{"sku":"L-1","stock":3}]}';

  it('makes one call a turn, in order', async () => {
    const first = await afterResults(prompt, []);
    expect(first.toolCalls).toEqual([{ id: 'step_1', name: 'search_products', arguments: '{"query":"lamp"}' }]);
    expect((await afterResults(prompt, [found, '{}'])).toolCalls).toHaveLength(1);
  });

  it('takes values from earlier results and keeps their types', async () => {
    const [call] = (await afterResults(prompt, [found])).toolCalls;
    expect(JSON.parse(call?.arguments ?? '')).toEqual({
      sku: 'L-1',
      quantity: 3,
      note: 'costs $1.products',
      price: '$5',
    });
    const [whole] = (await afterResults(prompt, [found, '{"id":"O-1"}'])).toolCalls;
    expect(JSON.parse(whole?.arguments ?? '')).toEqual({ order: { id: 'O-1' } });
  });

  it('finds the JSON among the parts of a result', async () => {
    const [call] = (await afterResults(prompt, [`The tool returned an error:\n\nFound:\n\n${found}`])).toolCalls;
    expect(JSON.parse(call?.arguments ?? '')).toMatchObject({ sku: 'L-1' });
  });

  it('answers with the collected results', async () => {
    const { content, toolCalls } = await afterResults(prompt, [found, '{"id":"O-1"}', 'shipped']);
    expect(toolCalls).toEqual([]);
    expect(content).toBe(`1. search_products: ${found}\n2. create_order: {"id":"O-1"}\n3. get_order: shipped`);
  });

  it.each([
    [
      '{"products":[]}',
      /Step 2 was not made: .*step 1 \(search_products\) has no products\[0\]\.sku.*It is: \{"products":\[\]\}/,
    ],
    ['sold out', /Step 2 was not made: \$1\.products\[0\]\.sku needs a JSON result, but .* is: sold out/],
  ])('stops, and says precisely why, when the server answered %s', async (result, says) => {
    const { content, toolCalls } = await afterResults(prompt, [result]);
    expect(toolCalls).toEqual([]);
    expect(content).toMatch(says);
    expect(content).toContain(`1. search_products: ${result}`);
  });

  it.each([
    [
      'no step',
      'Please buy a lamp.',
      /no step in the prompt.*call search_products \{"query": "lamp"\}.*model provider/,
    ],
    ['prose that begins like a step', 'Call the customer back.', /no step/],
    ['arguments that are no JSON', 'call create_order {sku: 1}', /Step 1 .*line 1, create_order.*not JSON/],
    ['arguments without braces', 'call create_order sku=1', /not JSON/],
    ['a number too large for JSON', 'call create_order {"n": 1e999}', /a number is too large/],
    ['arguments that are a list', 'call create_order [1]', /a JSON object/],
    ['a reference to its own result', 'call create_order {"id": $1.id}', /\$1\.id.*step 1.*this is the first/],
    ['a reference to a later result', 'call a {}\ncall b {"id": "$3.id"}', /\$3\.id.*\(1 to 1\)/],
    ['a reference that is no path', 'call a {}\ncall b {"id": "$1.a..b"}', /\$1\.a\.\.b is no path/],
  ])('refuses %s', async (_, text, says) => {
    await expect(afterResults(text, [])).rejects.toThrow(says);
    await expect(afterResults(text, [])).rejects.toMatchObject({ kind: 'misconfigured', retryable: false });
  });

  it('takes a step without arguments, with a bullet and with backticks', async () => {
    expect((await afterResults('- call `list stock`', [])).toolCalls[0]).toMatchObject({
      name: 'list stock',
      arguments: '{}',
    });
  });

  it.each([
    ['call `greet (formal)` {"a": 1}', 'greet (formal)'],
    ['call "back`tick" {"a": 1}', 'back`tick'],
    ['* call "two\\nlines" {"a": 1}', 'two\nlines'],
    ['call say"hi" {"a": 1}', 'say"hi"'],
    [`call ${'n'.repeat(512)} {"a": 1}`, 'n'.repeat(512)],
  ])('takes the name in %s', async (text, name) => {
    expect((await afterResults(text, [])).toolCalls).toMatchObject([{ name, arguments: '{"a":1}' }]);
  });

  it.each([
    ['greet (formal)', 'call greet (formal) {"a": 1}', 'call `greet (formal)` {…}'],
    ['greet (formal)', 'call greet (formal)', 'call `greet (formal)` {…}'],
    ['back`tick', 'call back`tick {"a": 1}', 'call "back`tick" {…}'],
  ])('says how to write the name %s', async (name, prompt, says) => {
    const offered = [name, 'greet'].map((each) => ({ name: each, description: '', inputSchema: {} }));
    const messages: Message[] = [{ role: 'user', content: prompt }];
    await expect(scriptedModel.complete({ messages, tools: offered, signal })).rejects.toThrow(`Write: ${says}`);
  });

  it('takes quotes in prose for prose', async () => {
    await expect(afterResults('Call "the customer" back.', [])).rejects.toThrow(/no step/);
  });

  it('does not grade', async () => {
    const messages: Message[] = [{ role: 'user', content: 'call a {}' }];
    const asked = scriptedModel.complete({ messages, responseSchema: { name: 'j', schema: {} }, signal });
    await expect(asked).rejects.toThrow(/is a tester/);
  });
});

describe('builtin/assertions', () => {
  const judge = (criterion: string) =>
    assertionsModel.complete({
      messages: [{ role: 'user', content: `The record\n\nGrade this one criterion:\n${criterion}` }],
      responseSchema: { name: 'judgment', schema: {} },
      signal,
    });

  it('names the criterion and shows how to write an assertion', async () => {
    await expect(judge('The agent is polite')).rejects.toMatchObject({ kind: 'misconfigured', retryable: false });
    await expect(judge('The agent is polite')).rejects.toThrow(
      /can't read "The agent is polite".*calls `create_order` exactly once.*docs\/assertions\.md/,
    );
  });

  it("passes the parser's hint on", async () => {
    await expect(judge('calls `create_order` exactly three times')).rejects.toThrow(/at character \d+ .+ was expected/);
  });

  it('works on no prompt', async () => {
    const asked = assertionsModel.complete({ messages: [{ role: 'user', content: 'Buy a lamp' }], signal });
    await expect(asked).rejects.toThrow(/is a judge/);
  });
});
