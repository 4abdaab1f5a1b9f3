// The least that a controller in C++ does: takes what a robot measures, as messages, and answers the last part with a
// command for its joints. What `zerogap bench ros` holds a policy against.
//
//   rclcpp_echo <namespace> <clock topic> <joint name>...
//
// Hears <namespace>/odom, <namespace>/joint_states and the clock, answers the clock on <namespace>/policy/joint_command:
// topics, types and quality of service as nodes/topics.ts has them. Says `ready` once it listens.
#include <cstdio>
#include <string>
#include <vector>

#include "nav_msgs/msg/odometry.hpp"
#include "rclcpp/rclcpp.hpp"
#include "rosgraph_msgs/msg/clock.hpp"
#include "sensor_msgs/msg/joint_state.hpp"

using nav_msgs::msg::Odometry;
using rosgraph_msgs::msg::Clock;
using sensor_msgs::msg::JointState;

int main(int argc, char ** argv)
{
  const std::vector<std::string> args = rclcpp::init_and_remove_ros_arguments(argc, argv);
  if (args.size() < 4) {
    std::fprintf(stderr, "rclcpp_echo <namespace> <clock topic> <joint name>...\n");
    return 2;
  }
  const std::string & robot = args[1];
  rclcpp::Node node("bench_echo_rclcpp");

  JointState command;
  command.name.assign(args.begin() + 3, args.end());
  command.position.resize(command.name.size());
  command.velocity.resize(command.name.size());
  command.effort.resize(command.name.size());

  const auto answer = node.create_publisher<JointState>(robot + "/policy/joint_command", rclcpp::QoS(10));
  const rclcpp::QoS sensor_data = rclcpp::QoS(5).best_effort();
  double measured = 0;
  const auto odometry = node.create_subscription<Odometry>(
    robot + "/odom", sensor_data,
    [&](const Odometry & message) {measured = message.twist.twist.linear.x;});
  const auto joints = node.create_subscription<JointState>(
    robot + "/joint_states", sensor_data,
    [&](const JointState & message) {
      if (!message.position.empty()) {measured = message.position.front();}
    });
  const auto clock = node.create_subscription<Clock>(
    args[2], rclcpp::QoS(1).best_effort(),
    [&](const Clock & message) {
      command.header.stamp = message.clock;
      command.position.front() = measured;
      answer->publish(command);
    });

  std::puts("ready");
  std::fflush(stdout);
  rclcpp::executors::SingleThreadedExecutor executor;
  executor.add_node(node.get_node_base_interface());
  executor.spin();
  rclcpp::shutdown();
  return 0;
}
