type Directive = (time: Date) => string | number;

const pad = (value: number, digits = 2): string => String(value).padStart(digits, '0');

const english = (options: Intl.DateTimeFormatOptions): Directive => {
  const format = new Intl.DateTimeFormat('en-US', options);
  return (time) => format.format(time);
};

const dayOfYear: Directive = (time) => {
  const day = Date.UTC(time.getFullYear(), time.getMonth(), time.getDate());
  return pad(Math.round((day - Date.UTC(time.getFullYear(), 0, 0)) / 86_400_000), 3);
};

const DIRECTIVES: Readonly<Record<string, Directive>> = {
  Y: (time) => time.getFullYear(),
  y: (time) => pad(time.getFullYear() % 100),
  m: (time) => pad(time.getMonth() + 1),
  d: (time) => pad(time.getDate()),
  e: (time) => String(time.getDate()).padStart(2, ' '),
  H: (time) => pad(time.getHours()),
  I: (time) => pad(time.getHours() % 12 || 12),
  M: (time) => pad(time.getMinutes()),
  S: (time) => pad(time.getSeconds()),
  p: (time) => (time.getHours() < 12 ? 'AM' : 'PM'),
  j: dayOfYear,
  a: english({ weekday: 'short' }),
  A: english({ weekday: 'long' }),
  b: english({ month: 'short' }),
  B: english({ month: 'long' }),
  '%': () => '%',
};

/**
 * `datetime.strftime` of Python in the C locale, local time, for the directives that chat templates use; another one
 * stays as it stands. (The template library formats months in the language of the machine.)
 */
export function formatTime(time: Date, format: string): string {
  return format.replaceAll(/%([A-Za-z%])/g, (whole, letter: string) =>
    Object.hasOwn(DIRECTIVES, letter) ? String(DIRECTIVES[letter]?.(time)) : whole,
  );
}
