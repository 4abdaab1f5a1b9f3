/** control_msgs as of Jazzy, https://github.com/ros-controls/control_msgs: what is the same in Humble, fields and constants alone. */

/** Message definitions by full name. */
export const CONTROL_MESSAGES: Readonly<Record<string, string>> = {
  'control_msgs/msg/DynamicJointState': `
std_msgs/Header header
string[] joint_names
control_msgs/InterfaceValue[] interface_values
`,
  'control_msgs/msg/InterfaceValue': `
string[] interface_names
float64[] values
`,
  'control_msgs/msg/JointComponentTolerance': `
uint16 X_AXIS=1
uint16 Y_AXIS=2
uint16 Z_AXIS=3
uint16 TRANSLATION=4
uint16 ROTATION=5
string joint_name
uint16 component
float64 position
float64 velocity
float64 acceleration
`,
  'control_msgs/msg/JointJog': `
std_msgs/Header header
string[] joint_names
float64[] displacements
float64[] velocities
float64 duration
`,
  'control_msgs/msg/JointTolerance': `
string name
float64 position
float64 velocity
float64 acceleration
`,
  'control_msgs/msg/MultiDOFStateStamped': `
std_msgs/Header header
control_msgs/SingleDOFState[] dof_states
`,
  'control_msgs/msg/SingleDOFState': `
string name
float64 reference
float64 feedback
float64 feedback_dot
float64 error
float64 error_dot
float64 time_step
float64 output
`,
};

/** Request, `---`, response. */
export const CONTROL_SERVICES: Readonly<Record<string, string>> = {
  'control_msgs/srv/QueryTrajectoryState': `
builtin_interfaces/Time time
---
bool success
string message
string[] name
float64[] position
float64[] velocity
float64[] acceleration
`,
};

/** Goal, `---`, result, `---`, feedback. */
export const CONTROL_ACTIONS: Readonly<Record<string, string>> = {
  'control_msgs/action/FollowJointTrajectory': `
trajectory_msgs/JointTrajectory trajectory
trajectory_msgs/MultiDOFJointTrajectory multi_dof_trajectory
control_msgs/JointTolerance[] path_tolerance
control_msgs/JointComponentTolerance[] component_path_tolerance
control_msgs/JointTolerance[] goal_tolerance
control_msgs/JointComponentTolerance[] component_goal_tolerance
builtin_interfaces/Duration goal_time_tolerance
---
int32 error_code
int32 SUCCESSFUL=0
int32 INVALID_GOAL=-1
int32 INVALID_JOINTS=-2
int32 OLD_HEADER_TIMESTAMP=-3
int32 PATH_TOLERANCE_VIOLATED=-4
int32 GOAL_TOLERANCE_VIOLATED=-5
string error_string
---
std_msgs/Header header
string[] joint_names
trajectory_msgs/JointTrajectoryPoint desired
trajectory_msgs/JointTrajectoryPoint actual
trajectory_msgs/JointTrajectoryPoint error
string[] multi_dof_joint_names
trajectory_msgs/MultiDOFJointTrajectoryPoint multi_dof_desired
trajectory_msgs/MultiDOFJointTrajectoryPoint multi_dof_actual
trajectory_msgs/MultiDOFJointTrajectoryPoint multi_dof_error
`,
};
