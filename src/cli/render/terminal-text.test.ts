import { expect, it } from 'vitest';
import { inInk } from './ink.ts';
import { cutMiddle, terminalText, withoutLongWords } from './terminal-text.ts';

it('lets line ends and our own colours through, and nothing else that a terminal obeys', () => {
  const own = `${inInk('┊', 'quiet')} ${inInk('◆', 'forecast')}`;
  expect(terminalText(`head\n${own}\n`)).toBe(`head\n${own}\n`);
  const hostile =
    'm\u001b[2J\u001b]0;title\u0007\r\u009b31m \u202Etxt\u2066 \u001b[31mred\u001b[0m';
  expect(terminalText(hostile)).toBe(
    'm\u{FFFD}[2J\u{FFFD}]0;title\u{FFFD}\u{FFFD}\u{FFFD}31m \u{FFFD}txt\u{FFFD} \u{FFFD}[31mred\u{FFFD}[0m',
  );
  expect(terminalText(inInk('a\u202Eb', 'curve'))).toBe('\u{FFFD}[1;36ma\u{FFFD}b\u{FFFD}[0m');
});

it('cuts words of a message that nobody reads to their end', () => {
  const long = withoutLongWords(`got \`${'x'.repeat(100_000)}\`; correct it`);
  expect(long).toBe(`got \`${'x'.repeat(959)}…${'x'.repeat(37)}\`; correct it`);
  expect(cutMiddle(`${'a'.repeat(79)}😀${'b'.repeat(200)}`, 120)).toBe(
    `${'a'.repeat(79)}…${'b'.repeat(39)}`,
  );
  expect(cutMiddle('x'.repeat(120), 120)).toBe('x'.repeat(120));
});
