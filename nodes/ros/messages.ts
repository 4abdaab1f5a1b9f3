// Written by test/nodes/ros/messages.test.ts from the ROS 2 definitions; do not edit.

/** A numeric array: delivered as the typed array, accepted as either. */
export type Numbers<Typed> = Typed | number[];

/** A 64-bit integer array: delivered as the typed array, accepted as either. */
export type BigInts<Typed> = Typed | bigint[];

/** builtin_interfaces/msg/Duration */
export interface Duration {
  sec: number;
  nanosec: number;
}

/** builtin_interfaces/msg/Time */
export interface Time {
  sec: number;
  nanosec: number;
}

/** diagnostic_msgs/msg/DiagnosticArray */
export interface DiagnosticArray {
  header: Header;
  status: DiagnosticStatus[];
}

/** diagnostic_msgs/msg/DiagnosticStatus */
export interface DiagnosticStatus {
  level: number;
  name: string;
  message: string;
  hardware_id: string;
  values: KeyValue[];
}

/** diagnostic_msgs/msg/KeyValue */
export interface KeyValue {
  key: string;
  value: string;
}

/** geometry_msgs/msg/Point */
export interface Point {
  x: number;
  y: number;
  z: number;
}

/** geometry_msgs/msg/Pose */
export interface Pose {
  position: Point;
  orientation: Quaternion;
}

/** geometry_msgs/msg/PoseArray */
export interface PoseArray {
  header: Header;
  poses: Pose[];
}

/** geometry_msgs/msg/PoseStamped */
export interface PoseStamped {
  header: Header;
  pose: Pose;
}

/** geometry_msgs/msg/PoseWithCovariance */
export interface PoseWithCovariance {
  pose: Pose;
  /** Length 36. */
  covariance: Numbers<Float64Array>;
}

/** geometry_msgs/msg/Quaternion */
export interface Quaternion {
  x: number;
  y: number;
  z: number;
  w: number;
}

/** geometry_msgs/msg/Transform */
export interface Transform {
  translation: Vector3;
  rotation: Quaternion;
}

/** geometry_msgs/msg/TransformStamped */
export interface TransformStamped {
  header: Header;
  child_frame_id: string;
  transform: Transform;
}

/** geometry_msgs/msg/Twist */
export interface Twist {
  linear: Vector3;
  angular: Vector3;
}

/** geometry_msgs/msg/TwistStamped */
export interface TwistStamped {
  header: Header;
  twist: Twist;
}

/** geometry_msgs/msg/TwistWithCovariance */
export interface TwistWithCovariance {
  twist: Twist;
  /** Length 36. */
  covariance: Numbers<Float64Array>;
}

/** geometry_msgs/msg/Vector3 */
export interface Vector3 {
  x: number;
  y: number;
  z: number;
}

/** geometry_msgs/msg/Wrench */
export interface Wrench {
  force: Vector3;
  torque: Vector3;
}

/** geometry_msgs/msg/WrenchStamped */
export interface WrenchStamped {
  header: Header;
  wrench: Wrench;
}

/** nav_msgs/msg/Odometry */
export interface Odometry {
  header: Header;
  child_frame_id: string;
  pose: PoseWithCovariance;
  twist: TwistWithCovariance;
}

/** nav_msgs/msg/Path */
export interface Path {
  header: Header;
  poses: PoseStamped[];
}

/** rcl_interfaces/msg/Log */
export interface Log {
  stamp: Time;
  level: number;
  name: string;
  msg: string;
  file: string;
  function: string;
  line: number;
}

/** rcl_interfaces/msg/Parameter */
export interface Parameter {
  name: string;
  value: ParameterValue;
}

/** rcl_interfaces/msg/ParameterEvent */
export interface ParameterEvent {
  stamp: Time;
  node: string;
  new_parameters: Parameter[];
  changed_parameters: Parameter[];
  deleted_parameters: Parameter[];
}

/** rcl_interfaces/msg/ParameterValue */
export interface ParameterValue {
  type: number;
  bool_value: boolean;
  integer_value: bigint;
  double_value: number;
  string_value: string;
  byte_array_value: Numbers<Uint8Array>;
  bool_array_value: boolean[];
  integer_array_value: BigInts<BigInt64Array>;
  double_array_value: Numbers<Float64Array>;
  string_array_value: string[];
}

/** rosgraph_msgs/msg/Clock */
export interface Clock {
  clock: Time;
}

/** sensor_msgs/msg/BatteryState */
export interface BatteryState {
  header: Header;
  voltage: number;
  temperature: number;
  current: number;
  charge: number;
  capacity: number;
  design_capacity: number;
  percentage: number;
  power_supply_status: number;
  power_supply_health: number;
  power_supply_technology: number;
  present: boolean;
  cell_voltage: Numbers<Float32Array>;
  cell_temperature: Numbers<Float32Array>;
  location: string;
  serial_number: string;
}

/** sensor_msgs/msg/CameraInfo */
export interface CameraInfo {
  header: Header;
  height: number;
  width: number;
  distortion_model: string;
  d: Numbers<Float64Array>;
  /** Length 9. */
  k: Numbers<Float64Array>;
  /** Length 9. */
  r: Numbers<Float64Array>;
  /** Length 12. */
  p: Numbers<Float64Array>;
  binning_x: number;
  binning_y: number;
  roi: RegionOfInterest;
}

/** sensor_msgs/msg/Image */
export interface Image {
  header: Header;
  height: number;
  width: number;
  encoding: string;
  is_bigendian: number;
  step: number;
  data: Numbers<Uint8Array>;
}

/** sensor_msgs/msg/Imu */
export interface Imu {
  header: Header;
  orientation: Quaternion;
  /** Length 9. */
  orientation_covariance: Numbers<Float64Array>;
  angular_velocity: Vector3;
  /** Length 9. */
  angular_velocity_covariance: Numbers<Float64Array>;
  linear_acceleration: Vector3;
  /** Length 9. */
  linear_acceleration_covariance: Numbers<Float64Array>;
}

/** sensor_msgs/msg/JointState */
export interface JointState {
  header: Header;
  name: string[];
  position: Numbers<Float64Array>;
  velocity: Numbers<Float64Array>;
  effort: Numbers<Float64Array>;
}

/** sensor_msgs/msg/LaserScan */
export interface LaserScan {
  header: Header;
  angle_min: number;
  angle_max: number;
  angle_increment: number;
  time_increment: number;
  scan_time: number;
  range_min: number;
  range_max: number;
  ranges: Numbers<Float32Array>;
  intensities: Numbers<Float32Array>;
}

/** sensor_msgs/msg/PointCloud2 */
export interface PointCloud2 {
  header: Header;
  height: number;
  width: number;
  fields: PointField[];
  is_bigendian: boolean;
  point_step: number;
  row_step: number;
  data: Numbers<Uint8Array>;
  is_dense: boolean;
}

/** sensor_msgs/msg/PointField */
export interface PointField {
  name: string;
  offset: number;
  datatype: number;
  count: number;
}

/** sensor_msgs/msg/Range */
export interface Range {
  header: Header;
  radiation_type: number;
  field_of_view: number;
  min_range: number;
  max_range: number;
  range: number;
  variance: number;
}

/** sensor_msgs/msg/RegionOfInterest */
export interface RegionOfInterest {
  x_offset: number;
  y_offset: number;
  height: number;
  width: number;
  do_rectify: boolean;
}

/** std_msgs/msg/Bool */
export interface Bool {
  data: boolean;
}

/** std_msgs/msg/Empty */
export type Empty = Record<string, never>;

/** std_msgs/msg/Float64 */
export interface Float64 {
  data: number;
}

/** std_msgs/msg/Float64MultiArray */
export interface Float64MultiArray {
  layout: MultiArrayLayout;
  data: Numbers<Float64Array>;
}

/** std_msgs/msg/Header */
export interface Header {
  stamp: Time;
  frame_id: string;
}

/** std_msgs/msg/Int64 */
export interface Int64 {
  data: bigint;
}

/** std_msgs/msg/MultiArrayDimension */
export interface MultiArrayDimension {
  label: string;
  size: number;
  stride: number;
}

/** std_msgs/msg/MultiArrayLayout */
export interface MultiArrayLayout {
  dim: MultiArrayDimension[];
  data_offset: number;
}

/** std_msgs/msg/String */
export interface StringMessage {
  data: string;
}

/** std_msgs/msg/UInt32 */
export interface UInt32 {
  data: number;
}

/** tf2_msgs/msg/TFMessage */
export interface TFMessage {
  transforms: TransformStamped[];
}

/** trajectory_msgs/msg/MultiDOFJointTrajectory */
export interface MultiDOFJointTrajectory {
  header: Header;
  joint_names: string[];
  points: MultiDOFJointTrajectoryPoint[];
}

/** trajectory_msgs/msg/MultiDOFJointTrajectoryPoint */
export interface MultiDOFJointTrajectoryPoint {
  transforms: Transform[];
  velocities: Twist[];
  accelerations: Twist[];
  time_from_start: Duration;
}

/** std_srvs/srv/Empty_Request */
export type EmptyRequest = Record<string, never>;

/** std_srvs/srv/Empty_Response */
export type EmptyResponse = Record<string, never>;

/** std_srvs/srv/SetBool_Request */
export interface SetBoolRequest {
  data: boolean;
}

/** std_srvs/srv/SetBool_Response */
export interface SetBoolResponse {
  success: boolean;
  message: string;
}

/** std_srvs/srv/Trigger_Request */
export type TriggerRequest = Record<string, never>;

/** std_srvs/srv/Trigger_Response */
export interface TriggerResponse {
  success: boolean;
  message: string;
}

/** Every message type by its full name. */
export interface MessageTypes {
  'builtin_interfaces/msg/Duration': Duration;
  'builtin_interfaces/msg/Time': Time;
  'diagnostic_msgs/msg/DiagnosticArray': DiagnosticArray;
  'diagnostic_msgs/msg/DiagnosticStatus': DiagnosticStatus;
  'diagnostic_msgs/msg/KeyValue': KeyValue;
  'geometry_msgs/msg/Point': Point;
  'geometry_msgs/msg/Pose': Pose;
  'geometry_msgs/msg/PoseArray': PoseArray;
  'geometry_msgs/msg/PoseStamped': PoseStamped;
  'geometry_msgs/msg/PoseWithCovariance': PoseWithCovariance;
  'geometry_msgs/msg/Quaternion': Quaternion;
  'geometry_msgs/msg/Transform': Transform;
  'geometry_msgs/msg/TransformStamped': TransformStamped;
  'geometry_msgs/msg/Twist': Twist;
  'geometry_msgs/msg/TwistStamped': TwistStamped;
  'geometry_msgs/msg/TwistWithCovariance': TwistWithCovariance;
  'geometry_msgs/msg/Vector3': Vector3;
  'geometry_msgs/msg/Wrench': Wrench;
  'geometry_msgs/msg/WrenchStamped': WrenchStamped;
  'nav_msgs/msg/Odometry': Odometry;
  'nav_msgs/msg/Path': Path;
  'rcl_interfaces/msg/Log': Log;
  'rcl_interfaces/msg/Parameter': Parameter;
  'rcl_interfaces/msg/ParameterEvent': ParameterEvent;
  'rcl_interfaces/msg/ParameterValue': ParameterValue;
  'rosgraph_msgs/msg/Clock': Clock;
  'sensor_msgs/msg/BatteryState': BatteryState;
  'sensor_msgs/msg/CameraInfo': CameraInfo;
  'sensor_msgs/msg/Image': Image;
  'sensor_msgs/msg/Imu': Imu;
  'sensor_msgs/msg/JointState': JointState;
  'sensor_msgs/msg/LaserScan': LaserScan;
  'sensor_msgs/msg/PointCloud2': PointCloud2;
  'sensor_msgs/msg/PointField': PointField;
  'sensor_msgs/msg/Range': Range;
  'sensor_msgs/msg/RegionOfInterest': RegionOfInterest;
  'std_msgs/msg/Bool': Bool;
  'std_msgs/msg/Empty': Empty;
  'std_msgs/msg/Float64': Float64;
  'std_msgs/msg/Float64MultiArray': Float64MultiArray;
  'std_msgs/msg/Header': Header;
  'std_msgs/msg/Int64': Int64;
  'std_msgs/msg/MultiArrayDimension': MultiArrayDimension;
  'std_msgs/msg/MultiArrayLayout': MultiArrayLayout;
  'std_msgs/msg/String': StringMessage;
  'std_msgs/msg/UInt32': UInt32;
  'tf2_msgs/msg/TFMessage': TFMessage;
  'trajectory_msgs/msg/MultiDOFJointTrajectory': MultiDOFJointTrajectory;
  'trajectory_msgs/msg/MultiDOFJointTrajectoryPoint': MultiDOFJointTrajectoryPoint;
}

/** Every service type by its full name. */
export interface ServiceTypes {
  'std_srvs/srv/Empty': { request: EmptyRequest; response: EmptyResponse };
  'std_srvs/srv/SetBool': { request: SetBoolRequest; response: SetBoolResponse };
  'std_srvs/srv/Trigger': { request: TriggerRequest; response: TriggerResponse };
}
