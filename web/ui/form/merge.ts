export type MergeRow = {
  field: string;
  label: string;
  base: string;
  mine: string;
  theirs: string;
};

/** `both`: changed by both, to different values, so that a person has to choose. */
export type MergedRow = MergeRow & { changedBy: 'me' | 'them' | 'both' };

/** The fields that somebody changed since the version that I began from, each with who changed it. */
export function mergeRows(rows: MergeRow[]): MergedRow[] {
  return rows.flatMap((row): MergedRow[] => {
    const { base, mine, theirs } = row;
    if (mine === base && theirs === base) return [];
    if (mine === base || mine === theirs) return [{ ...row, changedBy: 'them' }];
    return [{ ...row, changedBy: theirs === base ? 'me' : 'both' }];
  });
}
