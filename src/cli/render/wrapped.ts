/** Prose is hard to read in longer lines. */
const WIDTH = 100;

/** A paragraph in lines of up to 100 characters (a longer word stands alone), the later ones behind `indent` spaces. */
export function wrapped(text: string, indent = 0): string {
  const [, margin = '', rest = ''] = /^(\s*)(.*)$/su.exec(text) ?? [];
  const lines: string[] = [];
  let line = margin;
  // Spaces inside a label stay: only single ones are places to break at.
  for (const word of rest.split(/(?<=\S) (?=\S)/u)) {
    const joined = line.trim() === '' ? line + word : `${line} ${word}`;
    if (joined.length <= WIDTH || line.trim() === '') {
      line = joined;
      continue;
    }
    lines.push(line);
    line = ' '.repeat(indent) + word;
  }
  return [...lines, line].join('\n');
}
