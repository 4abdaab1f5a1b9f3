import { defineConfig, mergeConfig } from 'vitest/config';
import ros from './vitest.ros.config.ts';

/** Nodes on two hosts, which are network namespaces: `npm run test:hosts`, as root on Linux, with ROS 2 sourced. */
const hosts = mergeConfig(ros, defineConfig({ test: { testTimeout: 400_000 } }));
hosts.test = {
  ...hosts.test,
  include: ['test/ros/hosts/*.hosts.ts'],
  globalSetup: ['test/ros/require-ros.ts', 'test/ros/hosts/require-namespaces.ts'],
};
export default hosts;
