import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { hostileText } from '../../report/testing/hostile-text.ts';
import { divergingHeatMap, sampleHeatMap } from '../../report/testing/sample-heat-map.ts';
import { renderHeatMap } from './heat-map.ts';

const page = { width: 80, color: false } as const;

it('writes a matrix and one a task, columns numbered where their names find no room', () => {
  const [, second] = sampleHeatMap().panels ?? [];
  expect(renderHeatMap(sampleHeatMap({ panels: [second!] }), page)).toBe(
    `Transfer of the probe \`first\`: AUROC on unseen questions
all names begin with d128L4/stage1-
rows: trained on; columns: scored on
                           1     2     3     4
1 step104-tokens104K    0.81  0.74  0.62  0.50
2 step182-tokens182K    0.77  0.84  0.70  0.58
3 step1042-tokens1042K  0.60  0.72  0.90  0.83
4 step2604-tokens2604K     ·  0.61  0.88  0.95

reverse
                           1     2     3     4
1 step104-tokens104K    0.90  0.80  0.70  0.60
2 step182-tokens182K    0.80  0.90  0.80  0.70
3 step1042-tokens1042K  0.70  0.80  0.90  0.80
4 step2604-tokens2604K  0.60  0.70  0.80  0.90

scale 0.50 to 1.00  · no value`,
  );
});

it('writes names above columns where they fit, and a key where rows are others', () => {
  expect(renderHeatMap(divergingHeatMap(), page)).toBe(
    `Difference to the baseline: points
checkpoint: names begin with runs/
rows: task; columns: checkpoint
                                      a      b      c
add                               -12.3    0.0    3.2
a_benchmark_whose_name_is_longe…   40.0      ·   -6.0

scale -15.0 to 15.0  · no value`,
  );
  const columns = ['x', 'y', 'z'].map((letter) => letter.repeat(20));
  expect(
    renderHeatMap({ ...divergingHeatMap(), columns }, page)
      .split('\n')
      .slice(1, 5),
  ).toEqual([
    'rows: task; columns: checkpoint',
    '1 xxxxxxxxxxxxxxxxxxxx  2 yyyyyyyyyyyyyyyyyyyy  3 zzzzzzzzzzzzzzzzzzzz',
    '                                      1      2      3',
    'add                               -12.3    0.0    3.2',
  ]);
});

it('shades the same text where there are colours', () => {
  for (const map of [sampleHeatMap(), divergingHeatMap()]) {
    const colour = renderHeatMap(map, { ...page, color: true });
    const plain = renderHeatMap(map, page).split('\n').slice(0, -1);
    const shown = stripVTControlCharacters(colour).split('\n').slice(0, -1);
    expect(shown.map((line) => line.trimEnd())).toEqual(plain);
  }
  const colour = renderHeatMap(divergingHeatMap(), { ...page, color: true });
  // The ends of the scale, and its middle.
  expect(colour).toContain('\u001b[38;5;231;48;5;32m  40.0 \u001b[0m');
  expect(colour).toContain('\u001b[38;5;231;48;5;166m -12.3 \u001b[0m');
  expect(colour).toContain('\u001b[38;5;16;48;5;231m   0.0 \u001b[0m');
});

it.each([0, 40, 60, 200])('fits %i columns with many rows and columns of any name', (width) => {
  const names = Array.from({ length: 30 }, (_, index) => `${hostileText} ${'x'.repeat(index)}`);
  const values = names.map(() => names.map(() => -0.123));
  const text = renderHeatMap(
    {
      ...sampleHeatMap({ panels: [{ title: hostileText, values }] }),
      ...{ title: hostileText, rows: names, columns: names, values },
    },
    { width, color: false },
  );
  // biome-ignore lint: control characters are what must not be there.
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/u);
  const most = Math.max(40, width);
  expect(text.split('\n').filter((line) => Array.from(line).length > most)).toEqual([]);
});

it('writes maps without rows or columns', () => {
  const empty = { ...divergingHeatMap(), rows: [], values: [] };
  expect(renderHeatMap(empty, page).split('\n').slice(-3)).toEqual([
    '  a  b  c',
    '',
    'scale -15.0 to 15.0',
  ]);
  const bare = { ...divergingHeatMap(), rows: ['add'], columns: [], values: [[]] };
  expect(renderHeatMap(bare, page)).toContain('scale');
});
