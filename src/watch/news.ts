/** Says what is new: what was said in this look or in the one before is not said again. */
export type News = {
  say(text: string): void;
  startLook(): void;
};

export function createNews(note: (text: string) => void): News {
  let [before, now] = [new Set<string>(), new Set<string>()];
  return {
    startLook() {
      [before, now] = [now, new Set()];
    },
    say(text) {
      if (!before.has(text) && !now.has(text)) note(text);
      now.add(text);
    },
  };
}
