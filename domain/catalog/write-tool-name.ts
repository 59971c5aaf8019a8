/**
 * A tool's name as steps and assertions write it: in backticks, or as a JSON string where it has a backtick, a line
 * break, or spaces at its ends.
 */
export function writeToolName(name: string): string {
  return /[`\p{Cc}\u2028\u2029]|^\s|\s$/u.test(name) ? JSON.stringify(name) : `\`${name}\``;
}
