/** Grounds in the 256 colours that every terminal with colours has, from the lowest value to the highest. */
const sequential = [231, 195, 153, 117, 75, 32, 25];

/** Orange, white, blue: told apart by colour-blind readers too. */
const diverging = [166, 173, 216, 223, 231, 195, 153, 75, 32];

/** Grounds that white is read on; black on the others. */
const dark = new Set([166, 32, 25]);

/** Every code that `inShade` uses: what may pass on to the terminal. */
export const shadeCodes: readonly string[] = [...new Set([...sequential, ...diverging])].map(
  codeOf,
);

/** A text without control characters on the ground that stands for a share of the domain, 0 to 1. */
export function inShade(text: string, share: number, isDiverging: boolean): string {
  const ramp = isDiverging ? diverging : sequential;
  const ground = ramp[Math.min(ramp.length - 1, Math.floor(share * ramp.length))] ?? 231;
  return `\u001b[${codeOf(ground)}m${text}\u001b[0m`;
}

function codeOf(ground: number): string {
  return `38;5;${dark.has(ground) ? 231 : 16};48;5;${ground}`;
}
