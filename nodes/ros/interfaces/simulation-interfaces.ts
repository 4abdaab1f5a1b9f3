/** simulation_interfaces 2.1.0, https://github.com/ros-simulation/simulation_interfaces: fields and constants alone. */

/** Message definitions by full name. */
export const SIMULATION_MESSAGES: Readonly<Record<string, string>> = {
  'simulation_interfaces/msg/Bounds': `
uint8 TYPE_EMPTY=0
uint8 TYPE_BOX=1
uint8 TYPE_CONVEX_HULL=2
uint8 TYPE_SPHERE=3
uint8 type
geometry_msgs/Vector3[] points
`,
  'simulation_interfaces/msg/EntityCategory': `
uint8 CATEGORY_OBJECT=0
uint8 CATEGORY_ROBOT=1
uint8 CATEGORY_HUMAN=2
uint8 CATEGORY_DYNAMIC_OBJECT=4
uint8 CATEGORY_STATIC_OBJECT=5
uint8 category
`,
  'simulation_interfaces/msg/EntityFilters': `
string filter
simulation_interfaces/EntityCategory[] categories
simulation_interfaces/TagsFilter tags
simulation_interfaces/Bounds bounds
`,
  'simulation_interfaces/msg/EntityInfo': `
simulation_interfaces/EntityCategory category
string description
string[] tags
`,
  'simulation_interfaces/msg/EntityState': `
std_msgs/Header header
geometry_msgs/Pose pose
geometry_msgs/Twist twist
geometry_msgs/Accel acceleration
`,
  'simulation_interfaces/msg/NamedPose': `
string name
string description
string[] tags
geometry_msgs/Pose pose
`,
  'simulation_interfaces/msg/Resource': `
string uri
string resource_string
`,
  'simulation_interfaces/msg/Result': `
uint8 RESULT_FEATURE_UNSUPPORTED=0
uint8 RESULT_OK=1
uint8 RESULT_NOT_FOUND=2
uint8 RESULT_INCORRECT_STATE=3
uint8 RESULT_OPERATION_FAILED=4
uint8 result
string error_message
`,
  'simulation_interfaces/msg/SimulationState': `
uint8 STATE_STOPPED=0
uint8 STATE_PLAYING=1
uint8 STATE_PAUSED=2
uint8 STATE_QUITTING=3
uint8 STATE_NO_WORLD=4
uint8 STATE_LOADING_WORLD=5
uint8 state
`,
  'simulation_interfaces/msg/SimulatorFeatures': `
uint8 SPAWNING=0
uint8 DELETING=1
uint8 NAMED_POSES=2
uint8 POSE_BOUNDS=3
uint8 ENTITY_TAGS=4
uint8 ENTITY_BOUNDS=5
uint8 ENTITY_BOUNDS_BOX=6
uint8 ENTITY_BOUNDS_CONVEX=7
uint8 ENTITY_CATEGORIES=8
uint8 SPAWNING_RESOURCE_STRING=9
uint8 ENTITY_STATE_GETTING=10
uint8 ENTITY_STATE_SETTING=11
uint8 ENTITY_INFO_GETTING=12
uint8 ENTITY_INFO_SETTING=13
uint8 SPAWNABLES=14
uint8 SIMULATION_RESET=20
uint8 SIMULATION_RESET_TIME=21
uint8 SIMULATION_RESET_STATE=22
uint8 SIMULATION_RESET_SPAWNED=23
uint8 SIMULATION_STATE_GETTING=24
uint8 SIMULATION_STATE_SETTING=25
uint8 SIMULATION_STATE_PAUSE=26
uint8 STEP_SIMULATION_SINGLE=31
uint8 STEP_SIMULATION_MULTIPLE=32
uint8 STEP_SIMULATION_ACTION=33
uint8 WORLD_LOADING=40
uint8 WORLD_RESOURCE_STRING=41
uint8 WORLD_TAGS=42
uint8 WORLD_UNLOADING=43
uint8 WORLD_INFO_GETTING=44
uint8 AVAILABLE_WORLDS=45
uint8 SPAWNING_ENTITIES=50
uint16[] features
string[] spawn_formats
string custom_info
`,
  'simulation_interfaces/msg/SpawnEntity': `
string name
bool allow_renaming
simulation_interfaces/Resource entity_resource
string entity_namespace
geometry_msgs/PoseStamped initial_pose
`,
  'simulation_interfaces/msg/SpawnResult': `
uint8 NAME_NOT_UNIQUE=101
uint8 NAME_INVALID=102
uint8 UNSUPPORTED_FORMAT=103
uint8 NO_RESOURCE=104
uint8 NAMESPACE_INVALID=105
uint8 RESOURCE_PARSE_ERROR=106
uint8 MISSING_ASSETS=107
uint8 UNSUPPORTED_ASSETS=108
uint8 INVALID_POSE=109
simulation_interfaces/Result result
string entity_name
`,
  'simulation_interfaces/msg/Spawnable': `
simulation_interfaces/Resource entity_resource
string description
simulation_interfaces/Bounds spawn_bounds
`,
  'simulation_interfaces/msg/TagsFilter': `
string[] tags
uint8 FILTER_MODE_ANY=0
uint8 FILTER_MODE_ALL=1
uint8 filter_mode
`,
  'simulation_interfaces/msg/WorldResource': `
string name
simulation_interfaces/Resource world_resource
string description
string[] tags
`,
};

/** Request, `---`, response. */
export const SIMULATION_SERVICES: Readonly<Record<string, string>> = {
  'simulation_interfaces/srv/DeleteEntity': `
string entity
---
simulation_interfaces/Result result
`,
  'simulation_interfaces/srv/GetAvailableWorlds': `
string[] additional_sources
simulation_interfaces/TagsFilter filter
bool offline_only
bool continue_on_error
---
uint8 DEFAULT_SOURCES_FAILED=101
simulation_interfaces/Result result
simulation_interfaces/WorldResource[] worlds
`,
  'simulation_interfaces/srv/GetCurrentWorld': `
---
uint8 NO_WORLD_LOADED=101
simulation_interfaces/Result result
simulation_interfaces/WorldResource world
`,
  'simulation_interfaces/srv/GetEntities': `
simulation_interfaces/EntityFilters filters
---
simulation_interfaces/Result result
string[] entities
`,
  'simulation_interfaces/srv/GetEntitiesStates': `
simulation_interfaces/EntityFilters filters
---
simulation_interfaces/Result result
string[] entities
simulation_interfaces/EntityState[] states
`,
  'simulation_interfaces/srv/GetEntityBounds': `
string entity
---
simulation_interfaces/Result result
simulation_interfaces/Bounds bounds
`,
  'simulation_interfaces/srv/GetEntityInfo': `
string entity
---
simulation_interfaces/Result result
simulation_interfaces/EntityInfo info
`,
  'simulation_interfaces/srv/GetEntityState': `
string entity
---
simulation_interfaces/Result result
simulation_interfaces/EntityState state
`,
  'simulation_interfaces/srv/GetNamedPoseBounds': `
string name
---
simulation_interfaces/Result result
simulation_interfaces/Bounds bounds
`,
  'simulation_interfaces/srv/GetNamedPoses': `
simulation_interfaces/TagsFilter tags
---
simulation_interfaces/Result result
simulation_interfaces/NamedPose[] poses
`,
  'simulation_interfaces/srv/GetSimulationState': `
---
simulation_interfaces/SimulationState state
simulation_interfaces/Result result
`,
  'simulation_interfaces/srv/GetSimulatorFeatures': `
---
simulation_interfaces/SimulatorFeatures features
`,
  'simulation_interfaces/srv/GetSpawnables': `
string[] sources
---
simulation_interfaces/Result result
simulation_interfaces/Spawnable[] spawnables
`,
  'simulation_interfaces/srv/LoadWorld': `
simulation_interfaces/Resource world_resource
bool fail_on_unsupported_element
bool ignore_missing_or_unsupported_assets
---
uint8 UNSUPPORTED_FORMAT=101
uint8 NO_RESOURCE=102
uint8 RESOURCE_PARSE_ERROR=103
uint8 MISSING_ASSETS=104
uint8 UNSUPPORTED_ASSETS=105
uint8 UNSUPPORTED_ELEMENTS=106
simulation_interfaces/Result result
simulation_interfaces/WorldResource world
`,
  'simulation_interfaces/srv/ResetSimulation': `
uint8 SCOPE_DEFAULT=0
uint8 SCOPE_TIME=1
uint8 SCOPE_STATE=2
uint8 SCOPE_SPAWNED=4
uint8 SCOPE_ALL=255
uint8 scope
---
simulation_interfaces/Result result
`,
  'simulation_interfaces/srv/SetEntityInfo': `
string entity
simulation_interfaces/EntityInfo info
---
simulation_interfaces/Result result
`,
  'simulation_interfaces/srv/SetEntityState': `
string entity
simulation_interfaces/EntityState state
bool set_pose
bool set_twist
bool set_acceleration
---
uint8 INVALID_POSE=101
simulation_interfaces/Result result
`,
  'simulation_interfaces/srv/SetSimulationState': `
simulation_interfaces/SimulationState state
---
uint8 ALREADY_IN_TARGET_STATE=101
uint8 STATE_TRANSITION_ERROR=102
uint8 INCORRECT_TRANSITION=103
simulation_interfaces/Result result
`,
  'simulation_interfaces/srv/SpawnEntities': `
simulation_interfaces/SpawnEntity[] spawn_requests
---
uint8 ENTITIES_SPAWN_FAILED=150
simulation_interfaces/Result result
simulation_interfaces/SpawnResult[] results
`,
  'simulation_interfaces/srv/SpawnEntity': `
string name
bool allow_renaming
simulation_interfaces/Resource entity_resource
string entity_namespace
geometry_msgs/PoseStamped initial_pose
---
uint8 NAME_NOT_UNIQUE=101
uint8 NAME_INVALID=102
uint8 UNSUPPORTED_FORMAT=103
uint8 NO_RESOURCE=104
uint8 NAMESPACE_INVALID=105
uint8 RESOURCE_PARSE_ERROR=106
uint8 MISSING_ASSETS=107
uint8 UNSUPPORTED_ASSETS=108
uint8 INVALID_POSE=109
simulation_interfaces/Result result
string entity_name
`,
  'simulation_interfaces/srv/StepSimulation': `
uint64 steps 1
---
simulation_interfaces/Result result
`,
  'simulation_interfaces/srv/UnloadWorld': `
---
uint8 NO_WORLD_LOADED=101
simulation_interfaces/Result result
`,
};

/** Goal, `---`, result, `---`, feedback. */
export const SIMULATION_ACTIONS: Readonly<Record<string, string>> = {
  'simulation_interfaces/action/SimulateSteps': `
uint64 steps
---
simulation_interfaces/Result result
---
uint64 completed_steps
uint64 remaining_steps
`,
};
