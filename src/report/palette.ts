/** Colours that stay apart for colour-blind readers (Okabe and Ito) on the white ground that every chart brings along. */
export const palette = {
  ink: '#1b1f24',
  quiet: '#6b7280',
  refused: '#9ca3af',
  curve: '#0072b2',
  measured: '#d55e00',
  ground: '#ffffff',
} as const;

/** Hues for lines that must be told apart; used again from the start where there are more lines. */
export const hues: readonly string[] = [
  '#0072b2',
  '#d55e00',
  '#009e73',
  '#cc79a7',
  '#b8860b',
  '#56b4e9',
  '#7b3294',
  '#8c510a',
];
