import type { RaySensor } from '../sim/robot/sensor-model.ts';
import { QOS, type Qos, type TypeName } from './ros/port.ts';

interface TopicSpec<T extends TypeName = TypeName> {
  /** Relative names live in each robot's namespace, absolute ones in the graph. */
  readonly name: string;
  readonly type: T;
  readonly qos: Qos;
  readonly meaning: string;
}

function topic<T extends TypeName>(name: string, type: T, qos: Qos, meaning: string): TopicSpec<T> {
  return { name, type, qos, meaning };
}

/** Every topic of zerogap: name, type, QoS, meaning. */
export const TOPICS = {
  clock: topic('/clock', 'rosgraph_msgs/msg/Clock', QOS.clock, 'Simulated time.'),
  tf: topic(
    '/tf',
    'tf2_msgs/msg/TFMessage',
    QOS.default,
    'odom → base_link, as estimated; base_link → sensors on links that move against it.',
  ),
  tfStatic: topic(
    '/tf_static',
    'tf2_msgs/msg/TFMessage',
    QOS.latched,
    'map → odom; base_link → sensors that are fixed to it.',
  ),
  diagnostics: topic(
    '/diagnostics',
    'diagnostic_msgs/msg/DiagnosticArray',
    QOS.default,
    'Loop timing and safety state.',
  ),
  episode: topic(
    '/episode',
    'std_msgs/msg/UInt32',
    QOS.latched,
    'Counts resets. Whoever remembers something about the robots starts afresh when it grows.',
  ),
  robotEpisode: topic(
    'episode',
    'std_msgs/msg/UInt32',
    QOS.latched,
    'Counts the resets of one robot alone, while the others go on.',
  ),
  randomization: topic(
    '/randomization',
    'diagnostic_msgs/msg/DiagnosticArray',
    QOS.latched,
    'What each simulated robot drew for this episode: mass, thrust, latency, …; simulation only.',
  ),
  robotDescription: topic('robot_description', 'std_msgs/msg/String', QOS.latched, 'The URDF.'),
  imu: topic('imu', 'sensor_msgs/msg/Imu', QOS.sensorData, 'Gyroscope and accelerometer.'),
  pose: topic(
    'pose',
    'geometry_msgs/msg/PoseStamped',
    QOS.sensorData,
    'Motion capture, as measured.',
  ),
  odom: topic(
    'odom',
    'nav_msgs/msg/Odometry',
    QOS.sensorData,
    'Estimated pose (odom) and twist (base_link).',
  ),
  groundTruth: topic(
    'ground_truth/odom',
    'nav_msgs/msg/Odometry',
    QOS.sensorData,
    'True pose and twist; simulation only.',
  ),
  jointStates: topic(
    'joint_states',
    'sensor_msgs/msg/JointState',
    QOS.sensorData,
    'Every movable joint, signed about its axis; without an encoder: the true state, in simulation.',
  ),
  reference: topic(
    'command/trajectory',
    'trajectory_msgs/msg/MultiDOFJointTrajectory',
    QOS.default,
    'Where base_link should be now: one point, frame odom.',
  ),
  path: topic('path', 'nav_msgs/msg/Path', QOS.latched, 'The course, for display.'),
  goalPose: topic(
    'goal_pose',
    'geometry_msgs/msg/PoseStamped',
    QOS.default,
    'Where to go instead of where the task says, frame odom or map; simulation only.',
  ),
  velocityReference: topic(
    'command/velocity',
    'geometry_msgs/msg/TwistStamped',
    QOS.default,
    'How fast base_link should go now, in the heading frame, for policies that need no place.',
  ),
  cmdVel: topic(
    'cmd_vel',
    'geometry_msgs/msg/Twist',
    QOS.default,
    'Velocity by hand in the heading frame: moves the reference, and wins over the course while fresh; or goes straight to a policy that needs no place.',
  ),
  policyCommand: topic(
    'policy/joint_command',
    'sensor_msgs/msg/JointState',
    QOS.default,
    'What the policy wants; not yet checked.',
  ),
  jointCommand: topic(
    'joint_command',
    'sensor_msgs/msg/JointState',
    QOS.default,
    'What the motors get (a rotor: its speed, never negative); from the safety node alone.',
  ),
  baseCommand: topic(
    'cmd_vel',
    'geometry_msgs/msg/Twist',
    QOS.default,
    'What the wheels get, after the safety filter, as the twist that they make without slip; where it is asked for.',
  ),
  baseCommandStamped: topic(
    'cmd_vel',
    'geometry_msgs/msg/TwistStamped',
    QOS.default,
    'The same with its stamp, for drivers that want one.',
  ),
  forwardCommand: topic(
    'forward_command_controller/commands',
    'std_msgs/msg/Float64MultiArray',
    QOS.default,
    'What the motors get, for a forward_command_controller of ros2_control; where it is asked for.',
  ),
  trajectoryCommand: topic(
    'joint_trajectory_controller/joint_trajectory',
    'trajectory_msgs/msg/JointTrajectory',
    QOS.default,
    'The same for a joint_trajectory_controller: one point, due a period from now.',
  ),
  dynamicJointStates: topic(
    'dynamic_joint_states',
    'control_msgs/msg/DynamicJointState',
    QOS.default,
    'What joint_states says, as joint_state_broadcaster of ros2_control says it; where it is asked for.',
  ),
  obstacles: topic(
    'obstacles',
    'geometry_msgs/msg/PoseArray',
    QOS.sensorData,
    'Where what is elsewhere in every episode truly is, frame odom; simulation only.',
  ),
  disturbance: topic(
    'disturbance',
    'geometry_msgs/msg/WrenchStamped',
    QOS.sensorData,
    'Outside force on base_link (gusts, pushes); simulation only.',
  ),
} as const;

/**
 * Topics of what a robot's sensors see and feel, beside those above: `{sensor}` stands for its name in robot.yaml,
 * `{shape}` for that of a collision shape. Stamps are those of the measurement.
 */
export const SENSOR_TOPICS = {
  scan: topic(
    '{sensor}',
    'sensor_msgs/msg/LaserScan',
    QOS.sensorData,
    'One ring of a lidar in its plane; ranges as in REP-117.',
  ),
  points: topic(
    '{sensor}/points',
    'sensor_msgs/msg/PointCloud2',
    QOS.sensorData,
    'A lidar of several rings, or of one that is a cone: ring by ring; NaN where nothing is seen.',
  ),
  range: topic(
    '{sensor}',
    'sensor_msgs/msg/Range',
    QOS.sensorData,
    'A range finder along x of its frame; REP-117.',
  ),
  depth: topic(
    '{sensor}/image',
    'sensor_msgs/msg/Image',
    QOS.sensorData,
    'Depths along the optical axis, 32FC1 in m; REP-117 and REP-118.',
  ),
  cameraInfo: topic(
    '{sensor}/camera_info',
    'sensor_msgs/msg/CameraInfo',
    QOS.sensorData,
    'How that image was projected; same stamp.',
  ),
  contact: topic(
    '{sensor}/{shape}',
    'geometry_msgs/msg/WrenchStamped',
    QOS.sensorData,
    'Force on one collision shape, in the axes of its link; its torque is not measured and 0.',
  ),
} as const;

/** Every service of zerogap. */
export const SERVICES = {
  stop: { name: '/stop', type: 'std_srvs/srv/Trigger', meaning: 'Stops every robot, latched.' },
  stopOne: { name: 'stop', type: 'std_srvs/srv/Trigger', meaning: 'Stops this robot, latched.' },
  clearOne: {
    name: 'clear_stop',
    type: 'std_srvs/srv/Trigger',
    meaning: 'Clears the latched stop of this robot; refused while a hazard lasts.',
  },
  clear: {
    name: '/clear_stop',
    type: 'std_srvs/srv/Trigger',
    meaning: 'Clears all latched stops, or none while a hazard lasts for one of them.',
  },
  reset: {
    name: '/reset',
    type: 'std_srvs/srv/Trigger',
    meaning: 'Puts every simulated robot back to its start. What a person stopped stays stopped.',
  },
} as const;

/** [s] among what a robot drew, on /randomization: when its episode began, by the node clock. */
export const EPISODE_START_KEY = 'episodeStartS';

/** Of the simulator node, as simulation_interfaces 2.1 has them: `GetEntities` is served as `~/get_entities`. */
export const SIMULATION_SERVICES = [
  'DeleteEntity',
  'GetAvailableWorlds',
  'GetCurrentWorld',
  'GetEntities',
  'GetEntitiesStates',
  'GetEntityBounds',
  'GetEntityInfo',
  'GetEntityState',
  'GetNamedPoseBounds',
  'GetNamedPoses',
  'GetSimulationState',
  'GetSimulatorFeatures',
  'GetSpawnables',
  'LoadWorld',
  'ResetSimulation',
  'SetEntityInfo',
  'SetEntityState',
  'SetSimulationState',
  'SpawnEntities',
  'SpawnEntity',
  'StepSimulation',
  'UnloadWorld',
] as const;
export type SimulationService = (typeof SIMULATION_SERVICES)[number];

/** Its one action, {@link getSimulationName} of `SimulateSteps`. */
export const SIMULATION_ACTION = 'simulation_interfaces/action/SimulateSteps';

/** `GetEntities` → `~/get_entities` */
export function getSimulationName(name: string): string {
  return `~/${name.replace(/(?<!^)[A-Z]/g, (letter) => `_${letter}`).toLowerCase()}`;
}

/** The full name of a robot's own topic or service. */
export function getRobotTopic(robot: string, entry: { readonly name: string }): string {
  return `/${robot}/${entry.name}`;
}

/** The full name of a topic of one sensor, see {@link SENSOR_TOPICS}. */
export function getSensorTopic(
  robot: string,
  entry: { readonly name: string },
  sensor: string,
  shape = '',
): string {
  const name = entry.name
    .replace('{sensor}', toTopicToken(sensor))
    .replace('{shape}', toTopicToken(shape));
  return `/${robot}/${name}`;
}

/** A name from a URDF or robot.yaml as ROS 2 takes it: letters, digits and single underscores, no digit first. */
function toTopicToken(name: string): string {
  return name
    .replace(/[^A-Za-z0-9_]/g, '_')
    .replace(/^(?=\d)/, '_')
    .replace(/_+/g, '_');
}

/** Frame ids (REP-105), prefixed by the robot's name where there are several. */
export function getFrameId(robot: string, frame: 'odom' | 'base_link'): string {
  return `${robot}/${frame}`;
}

/** Frame of a sensor that looks along rays; a camera's is its optical one (REP-103: z forward, x right, y down). */
export function getSensorFrameId(robot: string, sensor: Pick<RaySensor, 'kind' | 'name'>): string {
  const suffix = sensor.kind === 'depth_camera' ? 'optical_frame' : 'frame';
  return `${robot}/${sensor.name}_${suffix}`;
}

/** Frame of a link; base_link's for the root, whatever its name. */
export function getLinkFrameId(robot: string, link: string, rootLink: string): string {
  return link === rootLink ? getFrameId(robot, 'base_link') : `${robot}/${link}`;
}
export const MAP_FRAME = 'map';
