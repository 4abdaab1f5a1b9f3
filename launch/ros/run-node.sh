#!/bin/sh
# Installed once per node, under the node's name; ros2 run passes on ROS 2's own arguments.
name=$(basename "$0")
here=$(cd "$(dirname "$0")" && pwd)
# exec: a signal to this process is a signal to the node, which stops the motors first.
exec node "$here/../../libexec/zerogap/launch/bin.js" node "$name" "$@"
