import { expect, test } from 'vitest';
import { formatTime } from './strftime.ts';

test('formats a time as strftime of Python does in the C locale', () => {
  const time = new Date(2024, 6, 6, 0, 5, 9);
  expect(formatTime(time, '%d %b %Y|%A %a %B|%H:%M:%S %I%p|%j %y %m %e|%% %Q')).toBe(
    '06 Jul 2024|Saturday Sat July|00:05:09 12AM|188 24 07  6|% %Q',
  );
});
