import { expect, it } from 'vitest';
import { colorScale, isLight, parseColor } from './color-scale.ts';

it('mixes evenly between its stops, and stays at its ends', () => {
  const scale = colorScale(['#000000', '#ff0000', '#ffffff']);
  expect([-1, 0, 0.25, 0.5, 1, 2].map(scale)).toEqual([
    [0, 0, 0],
    [0, 0, 0],
    [128, 0, 0],
    [255, 0, 0],
    [255, 255, 255],
    [255, 255, 255],
  ]);
});

it('knows on which colours dark text is read', () => {
  expect(['#ffffff', '#e3ecd9', '#225793', '#000000'].map((c) => isLight(parseColor(c)))).toEqual([
    true,
    true,
    false,
    false,
  ]);
});

it('reads what a style sheet was shortened to', () => {
  expect(parseColor('#fa0')).toEqual(parseColor('#ffaa00'));
});

it('refuses what is no colour', () => {
  expect(() => parseColor('red')).toThrow('parseColor: expected #rrggbb, got `red`');
});
