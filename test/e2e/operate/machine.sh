#!/bin/sh
# A machine of its own inside this one: what is written to the system's directories is gone when it ends, and its
# network is a loopback interface that nobody else has. Run by `unshare`.
set -eu
repository=$1
shift
over=$(mktemp -d)
mount -t tmpfs tmpfs "$over"
for directory in /etc /opt /usr/local /var; do
  name=$(echo "$directory" | tr / _)
  mkdir "$over/upper$name" "$over/work$name"
  mount -t overlay overlay -o "lowerdir=$directory,upperdir=$over/upper$name,workdir=$over/work$name" "$directory"
done
mount -t tmpfs tmpfs /run
mkdir -p /opt/natsuin /var/backups
mount --bind "$repository" /opt/natsuin
ip link set lo up
mkdir -p /usr/local/bin
cp "$repository/test/e2e/operate/systemctl" /usr/local/bin/systemctl
# Not exec: as the first process, this shell takes in the orphans.
"$@"
