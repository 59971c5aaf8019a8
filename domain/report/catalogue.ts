import { errorRules } from './conformance/errors.ts';
import { httpRules } from './conformance/http.ts';
import { lifecycleRules } from './conformance/lifecycle.ts';
import { listRules } from './conformance/lists.ts';
import { messageRules } from './conformance/messages.ts';
import { resultRules } from './conformance/results.ts';
import { sessionRules } from './conformance/sessions.ts';
import { signInRules } from './conformance/sign-in.ts';
import { statelessRules } from './conformance/stateless.ts';
import { nameRules } from './quality/names.ts';
import { schemaRules } from './quality/schemas.ts';
import { textRules } from './quality/texts.ts';
import type { Rule } from './rule.ts';
import { answerRules } from './safety/answers.ts';
import { changeRules } from './safety/changes.ts';
import { characterRules } from './safety/characters.ts';
import { combinationRules } from './safety/combinations.ts';
import { instructionRules } from './safety/instructions.ts';
import { secretRules } from './safety/secrets.ts';

/** All rules, in the order of a report. */
export const rules: readonly Rule[] = [
  ...lifecycleRules,
  ...httpRules,
  ...messageRules,
  ...errorRules,
  ...sessionRules,
  ...statelessRules,
  ...listRules,
  ...resultRules,
  ...signInRules,
  ...nameRules,
  ...textRules,
  ...schemaRules,
  ...characterRules,
  ...instructionRules,
  ...secretRules,
  ...combinationRules,
  ...changeRules,
  ...answerRules,
];
