import { textRule } from '../catalog-rule.ts';
import type { Rule } from '../rule.ts';

const area = 'safety' as const;

/** Texts that instruct the model instead of describing the tool. */
export type Pattern = {
  id: string;
  title: string;
  severity: Rule['severity'];
  version: number;
  finds: RegExp;
  remedy: string;
};

const remedy =
  'Describe what the tool does. If you did not write the text, do not use the tool before it is explained.';

export const patterns: readonly Pattern[] = [
  {
    id: 'conceals',
    version: 1,
    title: 'No text asks to hide something from people',
    severity: 'must',
    finds:
      /\b(do not|don't|never|without) (tell|telling|inform|informing|mention|mentioning|reveal|revealing|show|showing|notify|notifying|alert|alerting|disclose|disclosing)\b[^.\n]{0,40}\b(to )?(the |your |any )?(user|human|person|people|customer)s?\b(?! (that|which|to|how|about) (it|they) (is|are) (done|complete))|\b(hide|conceal) (this|it|that|these)\b[^.\n]{0,30}\bfrom (the |your )?(user|human)s?\b|\bkeep (this|it) (a )?(secret|hidden) from (the |your )?(user|human)s?\b/i,
    remedy,
  },
  {
    id: 'overrides',
    version: 1,
    title: 'No text overrides other instructions',
    severity: 'must',
    finds:
      /\b(ignore|disregard|forget|override)\b (all |any |the |your |these |those )*(previous|prior|earlier|above|preceding|other|system|existing) (instruction|prompt|rule|guideline|direction|message|command)s?\b|\b(new|updated) system (prompt|instructions?):/i,
    remedy,
  },
  {
    id: 'poses-as-system',
    version: 1,
    title: 'No text poses as the system or as another speaker',
    severity: 'must',
    finds:
      /<\|?(im_start|im_end|system|endoftext|assistant)\|?>|\[\/?INST\]|<<SYS>>|<\/?(system|assistant)_?(prompt|message|instructions?)>|^\s*(system|assistant)\s*:\s*you (are|must|should)\b/im,
    remedy,
  },
  {
    id: 'commands-before-others',
    version: 2,
    title: 'No text makes the model call this tool before or after others',
    severity: 'should',
    finds:
      /\b(before|after|prior to) (using|calling|invoking|running|executing|any use of) (any|all|every|each|the) (of the )?(other|another) tools?\b|\b(always|must) (call|use|invoke|run) this (tool|function) (first(?= before|,? no matter|\s*([.!;]|$))|before (any|every|all|each) (other )?(tool|action|response|message|request)\b)|\b(for|in|with|after|before) (every|each|all) (user )?(message|response|request|conversation|interaction)s?,? (you )?(must|always|should) (call|use|invoke|run)\b/i,
    remedy,
  },
  {
    id: 'emphatic-tag',
    version: 1,
    title: 'No text has a tag that raises its weight',
    severity: 'should',
    finds: /<\/?(important|critical|urgent|secret|hidden|instructions?|override|admin|priority)>/i,
    remedy,
  },
  {
    id: 'hidden-comment',
    version: 1,
    title: 'No text has a comment that pages do not show',
    severity: 'should',
    finds: /<!--[\s\S]{20,4000}?-->|\[\/\/\]: # \(/,
    remedy: 'Remove the comment, or write it as a part of the description.',
  },
  {
    id: 'local-secrets',
    version: 1,
    title: 'No text sends the model to files with secrets',
    severity: 'must',
    finds:
      /\b(read|open|load|fetch|get|cat|access|include|pass|send|provide)\b[^.\n]{0,60}(~\/\.(ssh|aws|kube|gnupg|netrc|npmrc|config\/gcloud)|\bid_(rsa|ed25519)\b|\/etc\/(passwd|shadow)\b|\.cursor\/mcp\.json|claude_desktop_config\.json|\.env\b file)/i,
    remedy,
  },
  {
    id: 'sends-elsewhere',
    version: 1,
    title: 'No text makes the model send data to an address',
    severity: 'must',
    finds:
      /\b(send|post|forward|upload|exfiltrate|transmit|bcc|cc)\b[^.\n]{0,60}\b(conversation|chat history|context|credentials?|passwords?|tokens?|keys?|secrets?|all (the )?(data|emails?|messages?|files?))\b[^.\n]{0,60}(https?:\/\/|\b[\w.]+@[\w.]+\.\w+)|!\[[^\]\n]*\]\(https?:\/\/[^)\n]*(\{|\$|%7b)/i,
    remedy,
  },
];

export const instructionRules: readonly Rule[] = patterns.map(({ finds, ...about }) =>
  textRule({
    ...about,
    area,
    id: `text-${about.id}`,
    clause: 'Descriptions are a part of the prompt: models follow them like instructions.',
    find: (text) => quoteMatch(finds, text),
    describe: ({ at, found }) => `In ${at}: ${found}`,
  }),
);

/** The match with what is around it; null without one. */
export function quoteMatch(pattern: RegExp, text: string): string | null {
  const match = pattern.exec(text.slice(0, maxRead));
  if (!match) return null;
  const from = Math.max(0, match.index - 40);
  return JSON.stringify(
    text
      .slice(from, match.index + match[0].length + 60)
      .slice(0, 240)
      .toWellFormed(),
  );
}

const maxRead = 64 * 1024;
