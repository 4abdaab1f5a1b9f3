import { defineConfig } from 'vitest/config';

/** The conformance suite on the embedded backend and on the ROS 2 that is sourced: `npm run test:ros`. */
export default defineConfig({
  test: {
    // The second need more processes than one, which only a real graph connects.
    include: ['test/ros/**/*.test.ts', 'test/ros/**/*.ros.ts'],
    globalSetup: ['test/ros/require-ros.ts'],
    // rclnodejs ends a process in which it spins off the main thread.
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 120_000,
    hookTimeout: 60_000,
    execArgv: ['--import', 'tsx'],
    env: {
      ZEROGAP_TEST_ROS2: '1',
      // No robot on this network is to hear what these tests say.
      ROS_LOCALHOST_ONLY: '1',
      ROS_AUTOMATIC_DISCOVERY_RANGE: 'LOCALHOST',
      ROS_DOMAIN_ID: String(1 + (process.pid % 100)),
    },
  },
});
