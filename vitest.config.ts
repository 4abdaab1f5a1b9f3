import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Two cores are the smallest machine we promise to support.
    maxWorkers: 2,
    // For what hangs: a machine that is busy elsewhere makes a page without a graphics card take minutes.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    execArgv: ['--import', 'tsx'],
    // In a shell with ROS 2 too these tests are about the embedded backend; `npm run test:ros` has both.
    env: { ROS_DISTRO: '' },
  },
});
