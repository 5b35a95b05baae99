#!/bin/sh
# natsuin-process NAME [command …]: runs one process under the Node that npm brought. Its configuration is mounted.
set -eu
name=$1
shift
[ $# -gt 0 ] || set -- start
exec /opt/natsuin/node_modules/.bin/node --disable-sigusr1 --conditions=natsuin-source \
  "/opt/natsuin/packages/$name/src/main.ts" "$@" --config "/etc/natsuin/$name/$name.json"
