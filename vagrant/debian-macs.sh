#!/bin/sh
# Runs at each boot of the Debian machine, as its user: starts the simulated Macs in the background (they stay until
# the machine goes down) and lays out in ~/access what the computer outside needs to reach them:
#
#   ssh_config    one Host for each Mac, behind the machine; @HERE@ stands for the directory it is copied to
#   keys …        the private keys and known host keys it names
set -eu
month_h=720
names=
number=0
while [ "$number" -lt "${ORCH_SIM_MACS:-3}" ]; do
	number=$((number + 1))
	names="$names debian-sim-$number"
done
# shellcheck disable=SC2086  # the names are words of their own
orch sim up $names --front openssh --hours "$month_h" --root "$HOME/macs"
rm -rf "$HOME/access"
umask 077
mkdir "$HOME/access"
/opt/orch/bin/python /project/vagrant/access.py "$HOME/macs/inventory.json" "$HOME/access"
