"""The nodes of zerogap, each in a process of its own. All values stand in the parameter file."""

from launch import LaunchDescription
from launch.actions import DeclareLaunchArgument
from launch.conditions import IfCondition
from launch.substitutions import LaunchConfiguration, PathJoinSubstitution
from launch_ros.actions import Node
from launch_ros.substitutions import FindPackageShare

# What every robot needs; the others are chosen by the arguments named after them.
ALWAYS = ['safety_node', 'policy_node']
CHOSEN = ['reference_node', 'simulator_node', 'recorder_node', 'viewer_node']


def start(executable, **options):
    return Node(
        package='zerogap',
        executable=executable,
        parameters=[LaunchConfiguration('params_file')],
        output='screen',
        **options,
    )


def generate_launch_description():
    params_file = PathJoinSubstitution(
        [FindPackageShare('zerogap'), 'params', 'simulation.yaml'])
    return LaunchDescription(
        [
            DeclareLaunchArgument(
                'params_file', default_value=params_file, description='Parameters of all nodes'),
        ]
        + [
            DeclareLaunchArgument(name, default_value='true', description='Whether to start it')
            for name in CHOSEN
        ]
        + [start(name) for name in ALWAYS]
        + [start(name, condition=IfCondition(LaunchConfiguration(name))) for name in CHOSEN]
    )
