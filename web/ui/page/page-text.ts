/** Texts of diagnoses, which agents read as well, in the words of pages. */
export const toPageText = (text: string): string =>
  text
    .replaceAll(/ \((compare_runs|inspect_run|get_tool_catalog)\)/g, '')
    .replaceAll(/\bcall-(\d+)\b/g, 'call $1')
    .replaceAll(/\bevent-(\d+)\b/g, 'step $1');
