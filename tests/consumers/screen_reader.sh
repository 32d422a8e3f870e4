#!/usr/bin/env bash
# A session bus, a display and the bus of AT-SPI, and in them: screen_reader.sh LAUNCHER PYTHON ARGUMENTS…
set -euo pipefail
if [ "${1:-}" != --inside ]; then
  exec dbus-run-session -- "$BASH" "$0" --inside "$@"
fi
shift
launcher=$1
shift
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2> /dev/null; rm -rf "$folder"' EXIT
mkfifo "$folder/display"
# It writes the number of the display when it takes connections.
exec 3<> "$folder/display"
Xvfb -displayfd 3 -screen 0 800x600x24 > /dev/null 2>&1 &
read -r -u 3 display
export DISPLAY=:$display QT_QPA_PLATFORM=xcb QT_LINUX_ACCESSIBILITY_ALWAYS_ON=1 LC_ALL=C.UTF-8
"$launcher" --launch-immediately > /dev/null 2>&1 &
"$@"
