import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    // Two cores are the smallest machine we promise to support.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    execArgv: ['--import', 'tsx'],
    // In a shell with ROS 2 too these tests are about the embedded backend; `npm run test:ros` has both.
    env: { ROS_DISTRO: '' },
  },
});
