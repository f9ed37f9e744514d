/** A checkpoint's name without its run: `stage1-step104-tokens958K` of `d128L4/stage1-step104-tokens958K`. */
export function withinRun(checkpoint: string): string {
  const at = checkpoint.lastIndexOf('/');
  return at < 0 ? checkpoint : checkpoint.slice(at + 1);
}

/** `1 question`, `2 questions`. */
export function howMany(count: number, noun: string): string {
  return `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
}
