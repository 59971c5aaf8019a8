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
  /-----BEGIN (RSA |EC |OPENSSH |)PRIVATE KEY-----/,
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

const conversation =
  /\b((entire|full|whole|complete|all( of)? the|previous|prior|past|raw) (conversation|chat|dialog(ue)?|message)s?( history| context| log| transcript)?|(conversation|chat|message) (history|transcript|log)|system prompt|chain[- ]of[- ]thought|your (instructions|reasoning|system message))\b/i;
const conversationName =
  /^(conversation|chat|message)_?(history|log|transcript|context)$|^system_?prompt$|^full_?(context|conversation)$|^(chain_of_thought|cot|sidenote|model_name|other_tools)$/i;
/** Arguments in which people hand over a credential. */
const credentialName =
  /^(password|passwd|api_?key|secret|secret_?key|access_?token|private_?key|client_?secret|auth_?token|bearer_?token)$/i;

export const secretRules: readonly Rule[] = [
  textRule({
    area,
    id: 'secret-in-text',
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
    severity: 'should',
    title: 'Arguments do not ask for the conversation',
    clause: 'What people wrote to the model would go to the server.',
    remedy: 'Ask for what the tool needs only. If the tool is about conversations, accept this finding.',
    check(tool) {
      const found = listArguments(tool).find(
        ({ name, schema }) => conversationName.test(name) || conversation.test(String(schema.get('description') ?? '')),
      );
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
