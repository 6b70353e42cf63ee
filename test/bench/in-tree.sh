#!/bin/sh
# in-tree.sh TREE WORK PROGRAM ARGS...: makes TREE the root of this mount namespace (`unshare --mount --pid --fork`), with
# WORK at /project and the host's devices and name service, and becomes PROGRAM.
# Not chroot: a process in one may not make user namespaces, and mkosi makes some.
set -eu
tree=$1 work=$2
shift 2
mount --rbind "$tree" "$tree"
mkdir -p "$tree/project" "$tree/mnt"
mount --rbind "$work" "$tree/project"
mount -t proc proc "$tree/proc"
mount --rbind /sys "$tree/sys"
mount --rbind /dev "$tree/dev"
mount -t tmpfs tmpfs "$tree/run"
cat /etc/resolv.conf >"$tree/etc/resolv.conf"
cat /etc/hosts >"$tree/etc/hosts"
cd "$tree"
pivot_root . mnt
umount -l /mnt
cd /project
exec "$@"
