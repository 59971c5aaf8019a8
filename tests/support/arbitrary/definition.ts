// biome-ignore-all lint/suspicious/noTemplateCurlyInString: that is how files refer to the environment.
import fc from 'fast-check';
import { timezones } from '../../../domain/schedule/timezone.ts';
import { type WorkflowDefinition, workflowDefinition } from '../../../domain/workflow/definition.ts';

/** Text with all that YAML reads as something else. */
export const text = (maxLength: number) =>
  fc
    .oneof(
      fc.fullUnicodeString({ minLength: 1, maxLength: Math.min(maxLength, 40) }),
      fc.stringOf(fc.constantFrom('a', ' ', '\n', '\r', '\t', ':', '#', '"', "'", '$', '{env.', '${env.X}', '|', '-'), {
        minLength: 1,
        maxLength: 12,
      }),
      fc.constantFrom(
        'null',
        'true',
        '1e3',
        '0x1',
        '~',
        '- a',
        '%YAML',
        '---',
        '...',
        '<<',
        '&a',
        '*a',
        '!x',
        '\u2028',
      ),
    )
    .map((value) => value.trim())
    .filter((value) => value !== '' && value.isWellFormed());
export const line = text(100).filter((value) => !/[\r\n]/.test(value));
export const list = <T>(item: fc.Arbitrary<T>, min = 0) => fc.uniqueArray(item, { minLength: min, maxLength: 4 });

const anyLimits = fc.record({
  turns: fc.integer({ min: 1, max: 200 }),
  toolCalls: fc.integer({ min: 0, max: 1000 }),
  seconds: fc.integer({ min: 1, max: 3600 }),
  tokens: fc.integer({ min: 1, max: 10_000_000 }),
  toolCallSeconds: fc.integer({ min: 1, max: 600 }),
});

/** Every definition that a workflow may have. */
export const anyDefinition: fc.Arbitrary<WorkflowDefinition> = fc
  .record({
    name: line,
    description: fc.oneof(fc.constant(''), text(100)),
    serverId: fc.constant('00000000-0000-4000-8000-000000000001'),
    authProfileId: fc.constantFrom(null, '00000000-0000-4000-8000-000000000002'),
    testerModels: list(line, 1),
    judgeModel: line,
    prompt: text(1000),
    criteria: fc.array(fc.record({ id: fc.uuid(), text: line, isRequired: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    }),
    schedule: fc.constantFrom(null, '*/15 * * * *', '0 9 * * 1-5', '30 2 1 * *'),
    timezone: fc.constantFrom(...timezones),
    toolPolicy: fc.tuple(list(text(20)), list(text(20))).map(([allowedTools, blocked]) => ({
      allowedTools,
      blockedTools: blocked.filter((tool) => !allowedTools.includes(tool)),
    })),
    limits: anyLimits,
    retryPolicy: fc.record({
      attempts: fc.integer({ min: 1, max: 10 }),
      backoffSeconds: fc.double({ min: 0, max: 60, noNaN: true }).map((value) => (value === 0 ? 0 : value)),
    }),
    storeToolResults: fc.boolean(),
    metadata: fc.dictionary(
      text(20).filter((key) => key !== '__proto__'),
      text(20),
      { maxKeys: 3 },
    ),
  })
  .filter((definition) => workflowDefinition.safeParse(definition).success);
