import { defineConfig } from 'vitest/config';

const slow = ['test/**/*.real.test.ts', 'test/contract/**', 'test/lab/**'];

export default defineConfig({
  test: {
    projects: [
      // They take milliseconds; the limit is for a machine that is busy with something else.
      { test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: slow, testTimeout: 20_000 } },
      {
        test: {
          name: 'real',
          include: ['test/**/*.real.test.ts', 'test/contract/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['test/lab/**/*.test.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
