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

/** control_msgs/msg/DynamicJointState */
export interface DynamicJointState {
  header: Header;
  joint_names: string[];
  interface_values: InterfaceValue[];
}

/** control_msgs/msg/InterfaceValue */
export interface InterfaceValue {
  interface_names: string[];
  values: Numbers<Float64Array>;
}

/** control_msgs/msg/JointComponentTolerance */
export interface JointComponentTolerance {
  joint_name: string;
  component: number;
  position: number;
  velocity: number;
  acceleration: number;
}

/** control_msgs/msg/JointJog */
export interface JointJog {
  header: Header;
  joint_names: string[];
  displacements: Numbers<Float64Array>;
  velocities: Numbers<Float64Array>;
  duration: number;
}

/** control_msgs/msg/JointTolerance */
export interface JointTolerance {
  name: string;
  position: number;
  velocity: number;
  acceleration: number;
}

/** control_msgs/msg/MultiDOFStateStamped */
export interface MultiDOFStateStamped {
  header: Header;
  dof_states: SingleDOFState[];
}

/** control_msgs/msg/SingleDOFState */
export interface SingleDOFState {
  name: string;
  reference: number;
  feedback: number;
  feedback_dot: number;
  error: number;
  error_dot: number;
  time_step: number;
  output: number;
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

/** geometry_msgs/msg/Accel */
export interface Accel {
  linear: Vector3;
  angular: Vector3;
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

/** lifecycle_msgs/msg/State */
export interface State {
  id: number;
  label: string;
}

/** lifecycle_msgs/msg/Transition */
export interface Transition {
  id: number;
  label: string;
}

/** lifecycle_msgs/msg/TransitionDescription */
export interface TransitionDescription {
  transition: Transition;
  start_state: State;
  goal_state: State;
}

/** lifecycle_msgs/msg/TransitionEvent */
export interface TransitionEvent {
  timestamp: bigint;
  transition: Transition;
  start_state: State;
  goal_state: State;
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

/** rcl_interfaces/msg/FloatingPointRange */
export interface FloatingPointRange {
  from_value: number;
  to_value: number;
  step: number;
}

/** rcl_interfaces/msg/IntegerRange */
export interface IntegerRange {
  from_value: bigint;
  to_value: bigint;
  step: bigint;
}

/** rcl_interfaces/msg/ListParametersResult */
export interface ListParametersResult {
  names: string[];
  prefixes: string[];
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

/** rcl_interfaces/msg/ParameterDescriptor */
export interface ParameterDescriptor {
  name: string;
  type: number;
  description: string;
  additional_constraints: string;
  read_only: boolean;
  dynamic_typing: boolean;
  floating_point_range: FloatingPointRange[];
  integer_range: IntegerRange[];
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

/** rcl_interfaces/msg/SetParametersResult */
export interface SetParametersResult {
  successful: boolean;
  reason: string;
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

/** simulation_interfaces/msg/Bounds */
export interface Bounds {
  type: number;
  points: Vector3[];
}

/** simulation_interfaces/msg/EntityCategory */
export interface EntityCategory {
  category: number;
}

/** simulation_interfaces/msg/EntityFilters */
export interface EntityFilters {
  filter: string;
  categories: EntityCategory[];
  tags: TagsFilter;
  bounds: Bounds;
}

/** simulation_interfaces/msg/EntityInfo */
export interface EntityInfo {
  category: EntityCategory;
  description: string;
  tags: string[];
}

/** simulation_interfaces/msg/EntityState */
export interface EntityState {
  header: Header;
  pose: Pose;
  twist: Twist;
  acceleration: Accel;
}

/** simulation_interfaces/msg/NamedPose */
export interface NamedPose {
  name: string;
  description: string;
  tags: string[];
  pose: Pose;
}

/** simulation_interfaces/msg/Resource */
export interface Resource {
  uri: string;
  resource_string: string;
}

/** simulation_interfaces/msg/Result */
export interface Result {
  result: number;
  error_message: string;
}

/** simulation_interfaces/msg/SimulationState */
export interface SimulationState {
  state: number;
}

/** simulation_interfaces/msg/SimulatorFeatures */
export interface SimulatorFeatures {
  features: Numbers<Uint16Array>;
  spawn_formats: string[];
  custom_info: string;
}

/** simulation_interfaces/msg/SpawnEntity */
export interface SpawnEntity {
  name: string;
  allow_renaming: boolean;
  entity_resource: Resource;
  entity_namespace: string;
  initial_pose: PoseStamped;
}

/** simulation_interfaces/msg/SpawnResult */
export interface SpawnResult {
  result: Result;
  entity_name: string;
}

/** simulation_interfaces/msg/Spawnable */
export interface Spawnable {
  entity_resource: Resource;
  description: string;
  spawn_bounds: Bounds;
}

/** simulation_interfaces/msg/TagsFilter */
export interface TagsFilter {
  tags: string[];
  filter_mode: number;
}

/** simulation_interfaces/msg/WorldResource */
export interface WorldResource {
  name: string;
  world_resource: Resource;
  description: string;
  tags: string[];
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

/** trajectory_msgs/msg/JointTrajectory */
export interface JointTrajectory {
  header: Header;
  joint_names: string[];
  points: JointTrajectoryPoint[];
}

/** trajectory_msgs/msg/JointTrajectoryPoint */
export interface JointTrajectoryPoint {
  positions: Numbers<Float64Array>;
  velocities: Numbers<Float64Array>;
  accelerations: Numbers<Float64Array>;
  effort: Numbers<Float64Array>;
  time_from_start: Duration;
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

/** control_msgs/srv/QueryTrajectoryState_Request */
export interface QueryTrajectoryStateRequest {
  time: Time;
}

/** control_msgs/srv/QueryTrajectoryState_Response */
export interface QueryTrajectoryStateResponse {
  success: boolean;
  message: string;
  name: string[];
  position: Numbers<Float64Array>;
  velocity: Numbers<Float64Array>;
  acceleration: Numbers<Float64Array>;
}

/** rcl_interfaces/srv/DescribeParameters_Request */
export interface DescribeParametersRequest {
  names: string[];
}

/** rcl_interfaces/srv/DescribeParameters_Response */
export interface DescribeParametersResponse {
  descriptors: ParameterDescriptor[];
}

/** rcl_interfaces/srv/GetParameterTypes_Request */
export interface GetParameterTypesRequest {
  names: string[];
}

/** rcl_interfaces/srv/GetParameterTypes_Response */
export interface GetParameterTypesResponse {
  types: Numbers<Uint8Array>;
}

/** rcl_interfaces/srv/GetParameters_Request */
export interface GetParametersRequest {
  names: string[];
}

/** rcl_interfaces/srv/GetParameters_Response */
export interface GetParametersResponse {
  values: ParameterValue[];
}

/** rcl_interfaces/srv/ListParameters_Request */
export interface ListParametersRequest {
  prefixes: string[];
  depth: bigint;
}

/** rcl_interfaces/srv/ListParameters_Response */
export interface ListParametersResponse {
  result: ListParametersResult;
}

/** rcl_interfaces/srv/SetParameters_Request */
export interface SetParametersRequest {
  parameters: Parameter[];
}

/** rcl_interfaces/srv/SetParameters_Response */
export interface SetParametersResponse {
  results: SetParametersResult[];
}

/** rcl_interfaces/srv/SetParametersAtomically_Request */
export interface SetParametersAtomicallyRequest {
  parameters: Parameter[];
}

/** rcl_interfaces/srv/SetParametersAtomically_Response */
export interface SetParametersAtomicallyResponse {
  result: SetParametersResult;
}

/** simulation_interfaces/srv/DeleteEntity_Request */
export interface DeleteEntityRequest {
  entity: string;
}

/** simulation_interfaces/srv/DeleteEntity_Response */
export interface DeleteEntityResponse {
  result: Result;
}

/** simulation_interfaces/srv/GetAvailableWorlds_Request */
export interface GetAvailableWorldsRequest {
  additional_sources: string[];
  filter: TagsFilter;
  offline_only: boolean;
  continue_on_error: boolean;
}

/** simulation_interfaces/srv/GetAvailableWorlds_Response */
export interface GetAvailableWorldsResponse {
  result: Result;
  worlds: WorldResource[];
}

/** simulation_interfaces/srv/GetCurrentWorld_Request */
export type GetCurrentWorldRequest = Record<string, never>;

/** simulation_interfaces/srv/GetCurrentWorld_Response */
export interface GetCurrentWorldResponse {
  result: Result;
  world: WorldResource;
}

/** simulation_interfaces/srv/GetEntities_Request */
export interface GetEntitiesRequest {
  filters: EntityFilters;
}

/** simulation_interfaces/srv/GetEntities_Response */
export interface GetEntitiesResponse {
  result: Result;
  entities: string[];
}

/** simulation_interfaces/srv/GetEntitiesStates_Request */
export interface GetEntitiesStatesRequest {
  filters: EntityFilters;
}

/** simulation_interfaces/srv/GetEntitiesStates_Response */
export interface GetEntitiesStatesResponse {
  result: Result;
  entities: string[];
  states: EntityState[];
}

/** simulation_interfaces/srv/GetEntityBounds_Request */
export interface GetEntityBoundsRequest {
  entity: string;
}

/** simulation_interfaces/srv/GetEntityBounds_Response */
export interface GetEntityBoundsResponse {
  result: Result;
  bounds: Bounds;
}

/** simulation_interfaces/srv/GetEntityInfo_Request */
export interface GetEntityInfoRequest {
  entity: string;
}

/** simulation_interfaces/srv/GetEntityInfo_Response */
export interface GetEntityInfoResponse {
  result: Result;
  info: EntityInfo;
}

/** simulation_interfaces/srv/GetEntityState_Request */
export interface GetEntityStateRequest {
  entity: string;
}

/** simulation_interfaces/srv/GetEntityState_Response */
export interface GetEntityStateResponse {
  result: Result;
  state: EntityState;
}

/** simulation_interfaces/srv/GetNamedPoseBounds_Request */
export interface GetNamedPoseBoundsRequest {
  name: string;
}

/** simulation_interfaces/srv/GetNamedPoseBounds_Response */
export interface GetNamedPoseBoundsResponse {
  result: Result;
  bounds: Bounds;
}

/** simulation_interfaces/srv/GetNamedPoses_Request */
export interface GetNamedPosesRequest {
  tags: TagsFilter;
}

/** simulation_interfaces/srv/GetNamedPoses_Response */
export interface GetNamedPosesResponse {
  result: Result;
  poses: NamedPose[];
}

/** simulation_interfaces/srv/GetSimulationState_Request */
export type GetSimulationStateRequest = Record<string, never>;

/** simulation_interfaces/srv/GetSimulationState_Response */
export interface GetSimulationStateResponse {
  state: SimulationState;
  result: Result;
}

/** simulation_interfaces/srv/GetSimulatorFeatures_Request */
export type GetSimulatorFeaturesRequest = Record<string, never>;

/** simulation_interfaces/srv/GetSimulatorFeatures_Response */
export interface GetSimulatorFeaturesResponse {
  features: SimulatorFeatures;
}

/** simulation_interfaces/srv/GetSpawnables_Request */
export interface GetSpawnablesRequest {
  sources: string[];
}

/** simulation_interfaces/srv/GetSpawnables_Response */
export interface GetSpawnablesResponse {
  result: Result;
  spawnables: Spawnable[];
}

/** simulation_interfaces/srv/LoadWorld_Request */
export interface LoadWorldRequest {
  world_resource: Resource;
  fail_on_unsupported_element: boolean;
  ignore_missing_or_unsupported_assets: boolean;
}

/** simulation_interfaces/srv/LoadWorld_Response */
export interface LoadWorldResponse {
  result: Result;
  world: WorldResource;
}

/** simulation_interfaces/srv/ResetSimulation_Request */
export interface ResetSimulationRequest {
  scope: number;
}

/** simulation_interfaces/srv/ResetSimulation_Response */
export interface ResetSimulationResponse {
  result: Result;
}

/** simulation_interfaces/srv/SetEntityInfo_Request */
export interface SetEntityInfoRequest {
  entity: string;
  info: EntityInfo;
}

/** simulation_interfaces/srv/SetEntityInfo_Response */
export interface SetEntityInfoResponse {
  result: Result;
}

/** simulation_interfaces/srv/SetEntityState_Request */
export interface SetEntityStateRequest {
  entity: string;
  state: EntityState;
  set_pose: boolean;
  set_twist: boolean;
  set_acceleration: boolean;
}

/** simulation_interfaces/srv/SetEntityState_Response */
export interface SetEntityStateResponse {
  result: Result;
}

/** simulation_interfaces/srv/SetSimulationState_Request */
export interface SetSimulationStateRequest {
  state: SimulationState;
}

/** simulation_interfaces/srv/SetSimulationState_Response */
export interface SetSimulationStateResponse {
  result: Result;
}

/** simulation_interfaces/srv/SpawnEntities_Request */
export interface SpawnEntitiesRequest {
  spawn_requests: SpawnEntity[];
}

/** simulation_interfaces/srv/SpawnEntities_Response */
export interface SpawnEntitiesResponse {
  result: Result;
  results: SpawnResult[];
}

/** simulation_interfaces/srv/SpawnEntity_Request */
export interface SpawnEntityRequest {
  name: string;
  allow_renaming: boolean;
  entity_resource: Resource;
  entity_namespace: string;
  initial_pose: PoseStamped;
}

/** simulation_interfaces/srv/SpawnEntity_Response */
export interface SpawnEntityResponse {
  result: Result;
  entity_name: string;
}

/** simulation_interfaces/srv/StepSimulation_Request */
export interface StepSimulationRequest {
  steps: bigint;
}

/** simulation_interfaces/srv/StepSimulation_Response */
export interface StepSimulationResponse {
  result: Result;
}

/** simulation_interfaces/srv/UnloadWorld_Request */
export type UnloadWorldRequest = Record<string, never>;

/** simulation_interfaces/srv/UnloadWorld_Response */
export interface UnloadWorldResponse {
  result: Result;
}

/** lifecycle_msgs/srv/ChangeState_Request */
export interface ChangeStateRequest {
  transition: Transition;
}

/** lifecycle_msgs/srv/ChangeState_Response */
export interface ChangeStateResponse {
  success: boolean;
}

/** lifecycle_msgs/srv/GetAvailableStates_Request */
export type GetAvailableStatesRequest = Record<string, never>;

/** lifecycle_msgs/srv/GetAvailableStates_Response */
export interface GetAvailableStatesResponse {
  available_states: State[];
}

/** lifecycle_msgs/srv/GetAvailableTransitions_Request */
export type GetAvailableTransitionsRequest = Record<string, never>;

/** lifecycle_msgs/srv/GetAvailableTransitions_Response */
export interface GetAvailableTransitionsResponse {
  available_transitions: TransitionDescription[];
}

/** lifecycle_msgs/srv/GetState_Request */
export type GetStateRequest = Record<string, never>;

/** lifecycle_msgs/srv/GetState_Response */
export interface GetStateResponse {
  current_state: State;
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

/** control_msgs/action/FollowJointTrajectory_Goal */
export interface FollowJointTrajectoryGoal {
  trajectory: JointTrajectory;
  multi_dof_trajectory: MultiDOFJointTrajectory;
  path_tolerance: JointTolerance[];
  component_path_tolerance: JointComponentTolerance[];
  goal_tolerance: JointTolerance[];
  component_goal_tolerance: JointComponentTolerance[];
  goal_time_tolerance: Duration;
}

/** control_msgs/action/FollowJointTrajectory_Result */
export interface FollowJointTrajectoryResult {
  error_code: number;
  error_string: string;
}

/** control_msgs/action/FollowJointTrajectory_Feedback */
export interface FollowJointTrajectoryFeedback {
  header: Header;
  joint_names: string[];
  desired: JointTrajectoryPoint;
  actual: JointTrajectoryPoint;
  error: JointTrajectoryPoint;
  multi_dof_joint_names: string[];
  multi_dof_desired: MultiDOFJointTrajectoryPoint;
  multi_dof_actual: MultiDOFJointTrajectoryPoint;
  multi_dof_error: MultiDOFJointTrajectoryPoint;
}

/** simulation_interfaces/action/SimulateSteps_Goal */
export interface SimulateStepsGoal {
  steps: bigint;
}

/** simulation_interfaces/action/SimulateSteps_Result */
export interface SimulateStepsResult {
  result: Result;
}

/** simulation_interfaces/action/SimulateSteps_Feedback */
export interface SimulateStepsFeedback {
  completed_steps: bigint;
  remaining_steps: bigint;
}

/** Every message type by its full name. */
export interface MessageTypes {
  'builtin_interfaces/msg/Duration': Duration;
  'builtin_interfaces/msg/Time': Time;
  'control_msgs/msg/DynamicJointState': DynamicJointState;
  'control_msgs/msg/InterfaceValue': InterfaceValue;
  'control_msgs/msg/JointComponentTolerance': JointComponentTolerance;
  'control_msgs/msg/JointJog': JointJog;
  'control_msgs/msg/JointTolerance': JointTolerance;
  'control_msgs/msg/MultiDOFStateStamped': MultiDOFStateStamped;
  'control_msgs/msg/SingleDOFState': SingleDOFState;
  'diagnostic_msgs/msg/DiagnosticArray': DiagnosticArray;
  'diagnostic_msgs/msg/DiagnosticStatus': DiagnosticStatus;
  'diagnostic_msgs/msg/KeyValue': KeyValue;
  'geometry_msgs/msg/Accel': Accel;
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
  'lifecycle_msgs/msg/State': State;
  'lifecycle_msgs/msg/Transition': Transition;
  'lifecycle_msgs/msg/TransitionDescription': TransitionDescription;
  'lifecycle_msgs/msg/TransitionEvent': TransitionEvent;
  'nav_msgs/msg/Odometry': Odometry;
  'nav_msgs/msg/Path': Path;
  'rcl_interfaces/msg/FloatingPointRange': FloatingPointRange;
  'rcl_interfaces/msg/IntegerRange': IntegerRange;
  'rcl_interfaces/msg/ListParametersResult': ListParametersResult;
  'rcl_interfaces/msg/Log': Log;
  'rcl_interfaces/msg/Parameter': Parameter;
  'rcl_interfaces/msg/ParameterDescriptor': ParameterDescriptor;
  'rcl_interfaces/msg/ParameterEvent': ParameterEvent;
  'rcl_interfaces/msg/ParameterValue': ParameterValue;
  'rcl_interfaces/msg/SetParametersResult': SetParametersResult;
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
  'simulation_interfaces/msg/Bounds': Bounds;
  'simulation_interfaces/msg/EntityCategory': EntityCategory;
  'simulation_interfaces/msg/EntityFilters': EntityFilters;
  'simulation_interfaces/msg/EntityInfo': EntityInfo;
  'simulation_interfaces/msg/EntityState': EntityState;
  'simulation_interfaces/msg/NamedPose': NamedPose;
  'simulation_interfaces/msg/Resource': Resource;
  'simulation_interfaces/msg/Result': Result;
  'simulation_interfaces/msg/SimulationState': SimulationState;
  'simulation_interfaces/msg/SimulatorFeatures': SimulatorFeatures;
  'simulation_interfaces/msg/SpawnEntity': SpawnEntity;
  'simulation_interfaces/msg/SpawnResult': SpawnResult;
  'simulation_interfaces/msg/Spawnable': Spawnable;
  'simulation_interfaces/msg/TagsFilter': TagsFilter;
  'simulation_interfaces/msg/WorldResource': WorldResource;
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
  'trajectory_msgs/msg/JointTrajectory': JointTrajectory;
  'trajectory_msgs/msg/JointTrajectoryPoint': JointTrajectoryPoint;
  'trajectory_msgs/msg/MultiDOFJointTrajectory': MultiDOFJointTrajectory;
  'trajectory_msgs/msg/MultiDOFJointTrajectoryPoint': MultiDOFJointTrajectoryPoint;
}

/** Every service type by its full name. */
export interface ServiceTypes {
  'control_msgs/srv/QueryTrajectoryState': {
    request: QueryTrajectoryStateRequest;
    response: QueryTrajectoryStateResponse;
  };
  'rcl_interfaces/srv/DescribeParameters': {
    request: DescribeParametersRequest;
    response: DescribeParametersResponse;
  };
  'rcl_interfaces/srv/GetParameterTypes': {
    request: GetParameterTypesRequest;
    response: GetParameterTypesResponse;
  };
  'rcl_interfaces/srv/GetParameters': {
    request: GetParametersRequest;
    response: GetParametersResponse;
  };
  'rcl_interfaces/srv/ListParameters': {
    request: ListParametersRequest;
    response: ListParametersResponse;
  };
  'rcl_interfaces/srv/SetParameters': {
    request: SetParametersRequest;
    response: SetParametersResponse;
  };
  'rcl_interfaces/srv/SetParametersAtomically': {
    request: SetParametersAtomicallyRequest;
    response: SetParametersAtomicallyResponse;
  };
  'simulation_interfaces/srv/DeleteEntity': {
    request: DeleteEntityRequest;
    response: DeleteEntityResponse;
  };
  'simulation_interfaces/srv/GetAvailableWorlds': {
    request: GetAvailableWorldsRequest;
    response: GetAvailableWorldsResponse;
  };
  'simulation_interfaces/srv/GetCurrentWorld': {
    request: GetCurrentWorldRequest;
    response: GetCurrentWorldResponse;
  };
  'simulation_interfaces/srv/GetEntities': {
    request: GetEntitiesRequest;
    response: GetEntitiesResponse;
  };
  'simulation_interfaces/srv/GetEntitiesStates': {
    request: GetEntitiesStatesRequest;
    response: GetEntitiesStatesResponse;
  };
  'simulation_interfaces/srv/GetEntityBounds': {
    request: GetEntityBoundsRequest;
    response: GetEntityBoundsResponse;
  };
  'simulation_interfaces/srv/GetEntityInfo': {
    request: GetEntityInfoRequest;
    response: GetEntityInfoResponse;
  };
  'simulation_interfaces/srv/GetEntityState': {
    request: GetEntityStateRequest;
    response: GetEntityStateResponse;
  };
  'simulation_interfaces/srv/GetNamedPoseBounds': {
    request: GetNamedPoseBoundsRequest;
    response: GetNamedPoseBoundsResponse;
  };
  'simulation_interfaces/srv/GetNamedPoses': {
    request: GetNamedPosesRequest;
    response: GetNamedPosesResponse;
  };
  'simulation_interfaces/srv/GetSimulationState': {
    request: GetSimulationStateRequest;
    response: GetSimulationStateResponse;
  };
  'simulation_interfaces/srv/GetSimulatorFeatures': {
    request: GetSimulatorFeaturesRequest;
    response: GetSimulatorFeaturesResponse;
  };
  'simulation_interfaces/srv/GetSpawnables': {
    request: GetSpawnablesRequest;
    response: GetSpawnablesResponse;
  };
  'simulation_interfaces/srv/LoadWorld': {
    request: LoadWorldRequest;
    response: LoadWorldResponse;
  };
  'simulation_interfaces/srv/ResetSimulation': {
    request: ResetSimulationRequest;
    response: ResetSimulationResponse;
  };
  'simulation_interfaces/srv/SetEntityInfo': {
    request: SetEntityInfoRequest;
    response: SetEntityInfoResponse;
  };
  'simulation_interfaces/srv/SetEntityState': {
    request: SetEntityStateRequest;
    response: SetEntityStateResponse;
  };
  'simulation_interfaces/srv/SetSimulationState': {
    request: SetSimulationStateRequest;
    response: SetSimulationStateResponse;
  };
  'simulation_interfaces/srv/SpawnEntities': {
    request: SpawnEntitiesRequest;
    response: SpawnEntitiesResponse;
  };
  'simulation_interfaces/srv/SpawnEntity': {
    request: SpawnEntityRequest;
    response: SpawnEntityResponse;
  };
  'simulation_interfaces/srv/StepSimulation': {
    request: StepSimulationRequest;
    response: StepSimulationResponse;
  };
  'simulation_interfaces/srv/UnloadWorld': {
    request: UnloadWorldRequest;
    response: UnloadWorldResponse;
  };
  'lifecycle_msgs/srv/ChangeState': {
    request: ChangeStateRequest;
    response: ChangeStateResponse;
  };
  'lifecycle_msgs/srv/GetAvailableStates': {
    request: GetAvailableStatesRequest;
    response: GetAvailableStatesResponse;
  };
  'lifecycle_msgs/srv/GetAvailableTransitions': {
    request: GetAvailableTransitionsRequest;
    response: GetAvailableTransitionsResponse;
  };
  'lifecycle_msgs/srv/GetState': {
    request: GetStateRequest;
    response: GetStateResponse;
  };
  'std_srvs/srv/Empty': {
    request: EmptyRequest;
    response: EmptyResponse;
  };
  'std_srvs/srv/SetBool': {
    request: SetBoolRequest;
    response: SetBoolResponse;
  };
  'std_srvs/srv/Trigger': {
    request: TriggerRequest;
    response: TriggerResponse;
  };
}

/** Every action type by its full name. */
export interface ActionTypes {
  'control_msgs/action/FollowJointTrajectory': {
    goal: FollowJointTrajectoryGoal;
    result: FollowJointTrajectoryResult;
    feedback: FollowJointTrajectoryFeedback;
  };
  'simulation_interfaces/action/SimulateSteps': {
    goal: SimulateStepsGoal;
    result: SimulateStepsResult;
    feedback: SimulateStepsFeedback;
  };
}
