/** Services of rcl_interfaces by which a node's parameters are read and set, the same from Humble on. */
export const PARAMETER_SERVICES: Readonly<Record<string, string>> = {
  'rcl_interfaces/srv/DescribeParameters':
    'string[] names\n---\nrcl_interfaces/ParameterDescriptor[] descriptors\n',
  'rcl_interfaces/srv/GetParameterTypes': 'string[] names\n---\nuint8[] types\n',
  'rcl_interfaces/srv/GetParameters':
    'string[] names\n---\nrcl_interfaces/ParameterValue[] values\n',
  'rcl_interfaces/srv/ListParameters':
    'uint64 DEPTH_RECURSIVE=0\nstring[] prefixes\nuint64 depth\n---\nrcl_interfaces/ListParametersResult result\n',
  'rcl_interfaces/srv/SetParameters':
    'rcl_interfaces/Parameter[] parameters\n---\nrcl_interfaces/SetParametersResult[] results\n',
  'rcl_interfaces/srv/SetParametersAtomically':
    'rcl_interfaces/Parameter[] parameters\n---\nrcl_interfaces/SetParametersResult result\n',
};
