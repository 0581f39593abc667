#!/bin/sh
# Runs once in the Debian machine, as root: what the simulated Macs stand on, and the project in /opt/orch.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends ca-certificates lsof openssh-server python3 python3-venv sudo zsh
[ -x /opt/orch/bin/python ] || python3 -m venv /opt/orch
/opt/orch/bin/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps /project
/opt/orch/bin/pip install --quiet --disable-pip-version-check /project
ln -sf /opt/orch/bin/orch /usr/local/bin/orch
