import { afterAll, beforeAll, it } from 'vitest';
import { addKey, type Exception, expectConformance, noSessions, noTasks } from '../../support/conformance.ts';
import { type TestDeps, testDeps, testOrg } from '../../support/setup/context.ts';
import { type Endpoint, keyOf, startEndpoint } from './endpoint.ts';

let scenario: TestDeps;
let endpoint: Endpoint;
let proxy: Awaited<ReturnType<typeof addKey>>;

beforeAll(async () => {
  scenario = await testDeps({ env: { ARMATURE_KEY_REQUESTS_PER_MINUTE: '100000' } });
  endpoint = await startEndpoint(scenario.deps);
  proxy = await addKey(endpoint.url, await keyOf(await testOrg(scenario.deps), 'viewer'));
});
afterAll(async () => {
  proxy?.close();
  await endpoint?.close();
  await scenario?.close();
});

const exceptions: Exception[] = [
  {
    reason: "They call tools of the suite's own server, for contents that no tool of Armature answers with.",
    says: /Unknown tool "test_/,
    scenarios: [
      'tools-call-simple-text',
      'tools-call-image',
      'tools-call-audio',
      'tools-call-embedded-resource',
      'tools-call-mixed-content',
      'tools-call-error',
      'tools-call-with-progress',
    ],
  },
  {
    reason: "They look for a tool of the suite's own server in the list.",
    says: /^json-schema-2020-12-tool-found: |Not testable: server (exposes no tool|does not list the diagnostic tool)/,
    scenarios: ['json-schema-2020-12', 'http-custom-header-server-validation', 'server-stateless'],
  },
  {
    reason: "They read resources of the suite's own server.",
    says: /resource_not_found: Unknown resource/,
    scenarios: ['resources-read-text', 'resources-read-binary', 'resources-templates-read'],
  },
  {
    reason: "They get prompts of the suite's own server.",
    says: /validation_failed: name: Unknown prompt/,
    scenarios: [
      'prompts-get-simple',
      'prompts-get-with-args',
      'prompts-get-embedded-resource',
      'prompts-get-with-image',
      'input-required-result-non-tool-request',
    ],
  },
  {
    reason: 'Armature asks nothing of its clients, and the tools that would are of the own server of the suite.',
    says: /Unknown tool "test_|InputRequiredResult/,
    scenarios: [
      'tools-call-sampling',
      'tools-call-elicitation',
      'elicitation-sep1034-defaults',
      'elicitation-sep1330-enums',
      'input-required-result-basic-elicitation',
      'input-required-result-basic-sampling',
      'input-required-result-basic-list-roots',
      'input-required-result-request-state',
      'input-required-result-multiple-input-requests',
      'input-required-result-multi-round',
      'input-required-result-missing-input-response',
      'input-required-result-result-type',
      'input-required-result-tampered-state',
      'input-required-result-capability-check',
      'input-required-result-ignore-extra-params',
    ],
  },
  {
    reason: 'Armature declares neither logging nor subscriptions.',
    says: /Method not found/,
    scenarios: ['logging-set-level', 'tools-call-with-logging', 'resources-subscribe', 'resources-unsubscribe'],
  },
  noSessions,
  {
    reason:
      "The error of an unknown resource has the code and the data of Armature's own errors. A recommendation only.",
    says: /^sep-2164-(error-code|data-uri): /,
    scenarios: ['sep-2164-resource-not-found'],
  },
  noTasks,
];

it('passes the official conformance suite in both revisions, except for what does not apply here', async () => {
  const passed = ['tools-list', 'resources-list', 'prompts-list', 'completion-complete'];
  await expectConformance(proxy.url, { exceptions, passed });
});
