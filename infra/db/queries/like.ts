/** Text that stands for itself in a LIKE or ILIKE pattern. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, '\\$&');
