#!/bin/sh
# Runs at each boot of the Debian machine, as its user: starts the simulated Macs in the background (they stay until
# the machine goes down) and lays out in ~/access what the computer outside needs to reach them:
#
#   ssh_config    one Host for each Mac, behind the machine; @HERE@ stands for the directory it is copied to
#   keys …        the private keys and known host keys it names
set -eu
month_s=2592000
macs=${ORCH_SIM_MACS:-3}
orch sim up --front openssh --count "$macs" --max-age-s "$month_s" --inventory "$HOME/macs.yml"
rm -rf "$HOME/access"
umask 077
mkdir "$HOME/access"
/opt/orch/bin/python /project/vagrant/access.py "$HOME/macs.yml" "$HOME/access"
