import { defineConfig, type ViteUserConfig } from 'vitest/config';
import { BaseSequencer } from 'vitest/node';

/** The longest test of all begins first: behind the others it would end alone. */
class DemoFirst extends BaseSequencer {
  override async sort(
    files: Parameters<BaseSequencer['sort']>[0],
  ): ReturnType<BaseSequencer['sort']> {
    const isDemo = ({ moduleId }: { moduleId: string }): number =>
      moduleId.endsWith('/demo.test.ts') ? 1 : 0;
    return (await super.sort(files)).sort((a, b) => isDemo(b) - isDemo(a));
  }
}

const config: ViteUserConfig = defineConfig({
  test: {
    sequence: { sequencer: DemoFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'web/src/**/*.test.ts'],
          testTimeout: 20_000,
          // Vitest alone would leave a core idle, which of two is half of them.
          maxWorkers: '100%',
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts', 'test/browser/**/*.test.ts'],
          globalSetup: ['test/helpers/build.ts', 'test/helpers/browser-setup.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          // Most of it is waiting for one process after another, each of which keeps less than a core busy.
          maxWorkers: 4,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'reference',
          include: ['test/reference/**/*.test.ts'],
          testTimeout: 600_000,
          hookTimeout: 600_000,
          fileParallelism: false,
        },
      },
    ],
  },
});

export default config;
