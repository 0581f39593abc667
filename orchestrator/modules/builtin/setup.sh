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
	say date "$(date '+%s|%Y|%m|%d|%H|%M|%S|%A|%u|%j|%V|%Z|%z')"
	say fqdn "$(hostname -f 2>/dev/null || hostname 2>/dev/null)"
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

gather_linux() {
	[ ! -r /etc/os-release ] || say os_release "$(cat /etc/os-release)"
	[ ! -r /etc/debian_version ] || say debian_version "$(cat /etc/debian_version)"
	say meminfo "$(head -n 40 /proc/meminfo 2>/dev/null)"
	say cpuinfo "$(cat /proc/cpuinfo 2>/dev/null)"
	say loadavg "$(cat /proc/loadavg 2>/dev/null)"
	[ ! -r /proc/sys/crypto/fips_enabled ] || say fips "$(cat /proc/sys/crypto/fips_enabled)"
	[ ! -d /sys/fs/selinux/booleans ] || say selinux enabled
	[ ! -d /sys/kernel/security/apparmor ] || say apparmor enabled
	if [ -e /.dockerenv ] || [ -e /.dockerinit ]; then say container docker; elif [ -e /run/.containerenv ]; then say container podman; fi
	say uptime "$(cat /proc/uptime 2>/dev/null)"
	say route "$(cat /proc/net/route 2>/dev/null)"
	say ip "$(ip -o addr show 2>/dev/null)"
	say passwd "$(getent passwd "$(id -un)" 2>/dev/null)"
}
