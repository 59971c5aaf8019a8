import { listArguments, textRule, toolRule } from '../catalog-rule.ts';
import type { Rule } from '../rule.ts';

const area = 'safety' as const;

/** Forms that only credentials have. */
const credentials: readonly RegExp[] = [
  /\bAKIA[A-Z2-7]{16}\b/,
  /\bgh[pousr]_[A-Za-z\d]{36,}\b/,
  /\bgithub_pat_\w{60,}\b/,
  /\bglpat-[\w-]{20,}\b/,
  /\bsk-(ant-|proj-|live-)?[A-Za-z\d_-]{32,}\b/,
  /\b[rs]k_live_[A-Za-z\d]{20,}\b/,
  /\bxox[abprs]-\d{6,}-[\w-]{10,}\b/,
  /\bAIza[\w-]{35}\b/,
  /\beyJ[\w-]{10,2000}\.eyJ[\w-]{10,4000}\.[\w-]{20,}\b/,
  // With the key itself: descriptions name the form that they want.
  /-----BEGIN (RSA |EC |OPENSSH |)PRIVATE KEY-----(\s|\\n)*[A-Za-z\d+/]{40,}/,
  /\b(postgres(ql)?|mysql|mongodb(\+srv)?|redis|amqp):\/\/[^\s:@/]+:(?!password|pass|secret|xxx|\*)[^\s:@/]{8,}@(?!localhost|127\.|host|example)[\w.-]+/i,
];
const isSample = /example|sample|dummy|placeholder|your[_-]?|xxxx|1234567|abcdef|0000000|\.{3}|<[^>]+>/i;

/** The credential in a text, masked; null without one. */
export function findCredential(text: string): string | null {
  for (const pattern of credentials) {
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined && !isSample.test(found)) return `${found.slice(0, 6)}…`;
  }
  return null;
}

/** Arguments of attacks, and of tools that are about models themselves, which describe them. */
const modelName = /^(system_?prompt|model_name)$/i;
const conversation =
  /\b((entire|full|whole|complete|all( of)? the|previous|prior|past|raw) (conversation|chat|dialog(ue)?|message)s?( history| context| log| transcript)?|(conversation|chat|message) (history|transcript|log)|system prompt|chain[- ]of[- ]thought|your (instructions|reasoning|system message))\b/i;
const conversationName =
  /^(conversation|chat|message)_?(history|log|transcript|context)$|^full_?(context|conversation)$|^(chain_of_thought|cot|sidenote|other_tools)$/i;
/** The argument says which conversation it means, or what is to be done with one. */
const isReference = /\b(id|identifier|uuid)s? (of|for)\b|\b(references|identifies)\b/i;
/** What tools that are about models or prompts are called. */
const aboutModels = /prompt|model|agent|assistant|llm|chat|completion|extract/i;
/** Arguments in which people hand over a credential. */
const credentialName =
  /^(password|passwd|api_?key|secret|secret_?key|access_?token|private_?key|client_?secret|auth_?token|bearer_?token)$/i;

export const secretRules: readonly Rule[] = [
  textRule({
    area,
    id: 'secret-in-text',
    version: 2,
    severity: 'must',
    title: 'Descriptions and defaults contain no credentials',
    clause: 'Every client and model that lists the tools gets them.',
    remedy: 'Revoke the credential, and remove it.',
    find: findCredential,
    describe: ({ at, found }) => `In ${at}, there is what looks like a credential: ${found}`,
  }),
  toolRule({
    area,
    id: 'asks-for-conversation',
    version: 2,
    severity: 'should',
    title: 'Arguments do not ask for the conversation',
    clause: 'What people wrote to the model would go to the server.',
    remedy: 'Ask for what the tool needs only. If the tool is about conversations, accept this finding.',
    check(tool) {
      const isAboutModels = aboutModels.test(tool.name);
      const found = listArguments(tool).find(({ name, schema }) => {
        const text = String(schema.get('description') ?? '');
        if (modelName.test(name)) return !isAboutModels && !/\b(llm|agent|extraction|model)\b/i.test(text);
        return conversationName.test(name) || (conversation.test(text) && !isReference.test(text));
      });
      return found ? `The argument ${found.path.slice(0, 100)} asks for the conversation or the instructions.` : null;
    },
  }),
  toolRule({
    area,
    id: 'asks-for-credentials',
    severity: 'advice',
    title: 'Arguments do not ask for credentials',
    clause: 'MCP 2026-07-28, Tools: what models write is logged and stored.',
    remedy: 'Let the server get credentials by its configuration or by OAuth.',
    check(tool) {
      const found = listArguments(tool).find(({ name }) => credentialName.test(name));
      return found ? `The argument ${found.path.slice(0, 100)} is a credential.` : null;
    },
  }),
];
