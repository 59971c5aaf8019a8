/** Gives the headings of one document the anchors that GitHub gives them. @param heading its Markdown */
export function createAnchors(): (heading: string) => string {
  const given = new Set<string>();
  return (heading) => {
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const slug = plain.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
    let unique = slug;
    for (let count = 1; given.has(unique); count += 1) unique = `${slug}-${count}`;
    given.add(unique);
    return unique;
  };
}
