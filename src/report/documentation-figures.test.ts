import { describe, expect, it } from 'vitest';
import { barSvg, type ClusterFigure, clusterSvg, mapSvg } from './index.ts';
import { hostileText } from './testing/hostile-text.ts';
import { readSvg } from './testing/read-svg.ts';

const golden = (name: string): string =>
  new URL(`../../test/golden/plots/${name}`, import.meta.url).pathname;

const sound = /NaN|Infinity|undefined|null|⚠|\u001b/;

describe('clusters', () => {
  const compute = [1e20, 3e20, 1e21, 3e21, 1e22];

  function cluster(index: number): ClusterFigure['clusters'][number] {
    const half = 2e20 * 3 ** index;
    const law = compute.map((flops) => ({ flops, rate: 0.9 / (1 + half / flops) }));
    const kept = index !== 2;
    return {
      label: `cluster ${index + 1}`,
      size: 10 + 60 * index,
      kept,
      reason: kept ? null : 'falls with compute',
      points: law.slice(0, 4).map((point) => ({ ...point, rate: point.rate + 0.02 })),
      law,
    };
  }

  it('have colours where they are kept, and say why they are not', async () => {
    const clusters = [0, 1, 2, 3, 4].map(cluster);
    const svg = await clusterSvg({ title: 'Clusters of mmlu', clusters, targetFlops: 1e22 });
    await expect(svg).toMatchFileSnapshot(golden('clusters.svg'));
    expect(readSvg(svg).texts).toEqual(
      expect.arrayContaining([
        'cluster 1 (10)',
        'cluster 3: 130 questions; not kept: falls with compute',
      ]),
    );
  });

  it('may be none, many, without points, or badly named', async () => {
    const bare = { ...cluster(0), label: hostileText, kept: false, reason: hostileText };
    const figures = [
      [],
      [{ ...bare, points: [], law: [] }],
      [{ ...bare, points: [{ flops: 0, rate: 0.1 }] }],
      Array.from({ length: 60 }, (_, index) => cluster(index % 7)),
    ];
    for (const clusters of figures) {
      const svg = await clusterSvg({ title: hostileText, clusters, targetFlops: 1e22 });
      expect(readSvg(svg).names).not.toContain('script');
      expect(svg).not.toMatch(sound);
    }
  });
});

describe('the map from a subset to all questions', () => {
  it('shows ladder, anchors, the fitted map and the identity', async () => {
    const shares = [0.1, 0.25, 0.4, 0.6, 0.75];
    const svg = await mapSvg({
      title: 'Subset to all of mmlu',
      points: shares.map((subset, index) => ({
        subset,
        full: subset * 1.1 - 0.02,
        label: `step${index}`,
        kind: index > 2 ? 'anchor' : 'ladder',
      })),
      curve: shares.map((subset) => ({ subset, full: subset * 1.1 })),
    });
    await expect(svg).toMatchFileSnapshot(golden('map.svg'));
    expect(readSvg(svg).texts).toContain('step0: subset 10.0, all 9.0');
  });

  it('may be empty, or badly named', async () => {
    const point = { subset: 0.2, full: 0.3, label: hostileText, kind: 'anchor' } as const;
    for (const points of [[], [point]]) {
      const svg = await mapSvg({ title: hostileText, points, curve: [] });
      expect(readSvg(svg).names).not.toContain('script');
      expect(svg).not.toMatch(sound);
    }
  });
});

describe('errors of methods', () => {
  it('are bars, one highlighted', async () => {
    const svg = await barSvg({
      title: 'Mean absolute error per method',
      xLabel: 'mean absolute error (points of accuracy)',
      bars: [
        { label: 'clusters', value: 3.2, highlighted: true },
        { label: 'logistic', value: 4.71, highlighted: false },
        {
          label: 'a method with a name longer than the margin is wide',
          value: 12.25,
          highlighted: false,
        },
        { label: 'nothing wrong', value: 0, highlighted: false },
      ],
    });
    await expect(svg).toMatchFileSnapshot(golden('bars.svg'));
  });

  it('may be none, all zero, of one name, or badly named', async () => {
    const bar = { label: hostileText, value: 0, highlighted: false };
    for (const bars of [[], [bar], [bar, { ...bar, value: 3 }]]) {
      const svg = await barSvg({ title: hostileText, xLabel: hostileText, bars });
      expect(readSvg(svg).names).not.toContain('script');
      expect(svg).not.toMatch(sound);
    }
  });
});
