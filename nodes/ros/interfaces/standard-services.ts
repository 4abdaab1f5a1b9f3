/** Services of std_srvs and lifecycle_msgs, the same from Humble on: request, `---`, response. */
export const STANDARD_SERVICES: Readonly<Record<string, string>> = {
  'lifecycle_msgs/srv/ChangeState': 'lifecycle_msgs/Transition transition\n---\nbool success\n',
  'lifecycle_msgs/srv/GetAvailableStates': '---\nlifecycle_msgs/State[] available_states\n',
  'lifecycle_msgs/srv/GetAvailableTransitions':
    '---\nlifecycle_msgs/TransitionDescription[] available_transitions\n',
  'lifecycle_msgs/srv/GetState': '---\nlifecycle_msgs/State current_state\n',
  'std_srvs/srv/Empty': '---\n',
  'std_srvs/srv/SetBool': 'bool data\n---\nbool success\nstring message\n',
  'std_srvs/srv/Trigger': '---\nbool success\nstring message\n',
};
