# What can be known of a node without asking for rights. Says one record for each thing that is known.

gather() {
	say system "$(uname -s)"
	say kernel "$(uname -r)"
	say machine "$(uname -m)"
	say kernel_version "$(uname -v)"
	say nodename "$(uname -n)"
	say user_id "$(id -un)"
	say user_uid "$(id -u)"
	say user_gid "$(id -g)"
	say real_group_id "$(id -rg)"
	say shell "$SHELL"
	say home "$HOME"
	say env "$(env)"
	say date "$(date '+%s|%Y|%m|%d|%H|%M|%S|%A|%u|%j|%W|%Z|%z')"
	[ ! -r /etc/resolv.conf ] || say resolv_conf "$(cat /etc/resolv.conf)"
	case $(uname -s) in
	Darwin) gather_darwin ;;
	Linux) gather_linux ;;
	esac
	for tool in brew apt-get dnf apk pacman launchctl systemctl python3; do
		command -v "$tool" >/dev/null && say tool "$tool"
	done
	gather_python
	gather_local
	if [ -x /opt/homebrew/bin/brew ] || [ -x /usr/local/bin/brew ]; then say tool brew; fi
	return 0
}

# gather_python: where python3 lies, and what tells of its version. It is never run: what a new Mac has is a stub that
# asks for the developer tools; behind that, the tools' own directory tells.
gather_python() {
	python=$(command -v python3) || return 0
	case $python in # pyenv's stand-in: the version that it stands for is in a file
	*/shims/python3)
		version=
		[ ! -r "${python%/shims/*}/version" ] || read -r version <"${python%/shims/*}/version"
		[ -z "$version" ] || python=${python%/shims/*}/versions/$version/bin/python3
		;;
	esac
	at=$python
	for _ in 1 2 3 4 5 6 7 8; do
		[ -L "$at" ] || break
		to=$(readlink "$at")
		case $to in /*) at=$to ;; *) at=${at%/*}/$to ;; esac
	done
	if [ "$(uname -s):$at" = Darwin:/usr/bin/python3 ]; then
		kept=/Library/Developer/CommandLineTools/Library/Frameworks/Python3.framework/Versions/Current
		[ -L "$kept" ] || return 0
		at=${kept%/*}/$(readlink "$kept")/
	fi
	say python "$python"
	say python_at "$at"
	case $at in /usr/bin/*) command -v dpkg-query >/dev/null || return 0 ;; *) return 0 ;; esac
	say python_package "$(dpkg-query -W -f '${Version}' "${at##*/}" 2>/dev/null)"
}

gather_darwin() {
	say fqdn "$(hostname -f 2>/dev/null || hostname 2>/dev/null)"
	say sw_vers "$(sw_vers 2>/dev/null)"
	for name in hw.model hw.memsize hw.ncpu hw.physicalcpu hw.logicalcpu machdep.cpu.brand_string kern.osversion \
		kern.boottime hw.pagesize; do
		value=$(sysctl -n "$name" 2>/dev/null) && say "sysctl.$name" "$value"
	done
	say vm_stat "$(vm_stat 2>/dev/null)"
	say computer_name "$(scutil --get ComputerName 2>/dev/null)"
	say loadavg "$(sysctl -n vm.loadavg 2>/dev/null)"
	say route "$(route -n get default 2>/dev/null)"
	say ifconfig "$(ifconfig 2>/dev/null)"
	say passwd "$(dscl . -read "/Users/$(id -un)" UserShell RealName NFSHomeDirectory 2>/dev/null)"
}

# gather_mounts: how full is what is mounted of disks; what lies on other machines may not answer, and is not asked.
gather_mounts() {
	set --
	while read -r device mount _; do
		case $device:$mount in
		*\\*) ;;
		/*) set -- "$@" "$mount" ;;
		esac
	done </proc/mounts
	[ $# -eq 0 ] || say mounted "$(stat -f -c '%n|%S|%b|%a|%c|%d' "$@" 2>/dev/null)"
}

gather_linux() {
	set -- /proc/1/comm /proc/cmdline /proc/cpuinfo /proc/loadavg /proc/meminfo /proc/mounts /proc/net/ipv6_route \
		/proc/net/route /proc/sys/crypto/fips_enabled /proc/uptime /etc/debian_version /etc/lsb-release \
		/etc/machine-id /etc/os-release /etc/ssh/ssh_host_*_key.pub /sys/devices/virtual/dmi/id/*
	say files "$(head -n 20000 "$@" 2>/dev/null)"
	address=$(getent hosts "$(uname -n)" 2>/dev/null)
	say known_as "$(getent hosts "${address%% *}" 2>/dev/null)"
	! command -v lsb_release >/dev/null || say has_lsb yes
	say cards "$(ls -f /sys/class/net 2>/dev/null)"
	gather_mounts
	[ ! -d /sys/fs/selinux/booleans ] || say selinux enabled
	[ ! -d /sys/kernel/security/apparmor ] || say apparmor enabled
	if [ -e /.dockerenv ] || [ -e /.dockerinit ]; then say container docker; elif [ -e /run/.containerenv ]; then say container podman; fi
	say ip "$(ip addr show 2>/dev/null)"
	say passwd "$(getent passwd "$(id -un)" 2>/dev/null)"
}
