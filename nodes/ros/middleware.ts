/** What may carry topics: this process alone, or a real ROS 2 graph. */
export const MIDDLEWARES = ['embedded', 'ros2'] as const;
export type Middleware = (typeof MIDDLEWARES)[number];
