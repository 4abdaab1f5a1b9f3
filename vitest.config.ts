import { defineConfig } from 'vitest/config';

/** What puts something else in the place of a module, looks into the one that it loaded itself, counts every byte of the heap or every picture. */
const ALONE = [
  'test/**/disk.test.ts',
  'test/sim/engine/rapier-api.test.ts',
  'test/launch/bench/heap-meter.test.ts',
  'test/browser/*.test.ts',
];

export default defineConfig({
  test: {
    pool: 'forks',
    // Two cores are the smallest machine we promise to support.
    maxWorkers: 2,
    // For what hangs: a machine that is busy elsewhere makes a page without a graphics card take minutes.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // In a shell with ROS 2 too these tests are about the embedded backend; `npm run test:ros` has both.
    env: { ROS_DISTRO: '' },
    projects: [
      { extends: true, test: { name: 'alone', include: ALONE } },
      // A process that has read the modules once serves many files: to read them takes longer than most tests.
      {
        extends: true,
        test: { name: 'together', include: ['test/**/*.test.ts'], exclude: ALONE, isolate: false },
      },
    ],
  },
});
