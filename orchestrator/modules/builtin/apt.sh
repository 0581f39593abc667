# Packages of Debian, by apt-get(8) and dpkg-query(1). Needs the prelude.
#
# Values: names (blank-separated) state update valid_s upgrade options purge only_upgrade clean autoremove check.
# Said: updated, cache_time, changed; what apt-get prints is the program's own output.

apt_main() {
	command -v apt-get >/dev/null || die 'there is no apt-get(1) on this node; on a Mac use homebrew or package'
	DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C
	export DEBIAN_FRONTEND DEBIAN_PRIORITY LC_ALL
	changed=false
	read_sources
	[ -z "$upgrade" ] || apt_does "$upgrade" || die "'/usr/bin/apt-get $upgrade' failed"
	see_to_names
	[ "$state" != fixed ] || apt_does install -f || die "'/usr/bin/apt-get install -f' failed"
	[ "$autoremove" = false ] || apt_does autoremove || die "'/usr/bin/apt-get autoremove' failed"
	[ -z "$clean" ] || [ "$check" = true ] || apt-get -q "$clean"
	say cache_time "$(cache_time)"
	say changed "$changed"
}

# cache_time: when the sources were read last, in seconds since 1970
cache_time() {
	for one in /var/lib/apt/periodic/update-success-stamp /var/lib/apt/lists; do
		stat -c %Y "$one" 2>/dev/null && return
	done
	echo 0
}

read_sources() {
	[ "$update" = true ] || return 0
	last=$(cache_time)
	[ "$valid_s" = 0 ] || [ $(($(date +%s) - last)) -ge "$valid_s" ] || return 0
	say updated true
	if [ "$check" = false ]; then
		why=$(apt-get -q update 2>&1 </dev/null) || die "Failed to update apt cache: $why"
	fi
	[ -n "$names$upgrade" ] || changed=true
}

# is_installed NAME[=VERSION]
is_installed() {
	case $(dpkg-query -W -f '${db:Status-Abbrev} ${Version}\n' -- "${1%%=*}" 2>/dev/null) in
	?i*) ;;
	*) return 1 ;;
	esac
	case $1 in *=*) ;; *) return 0 ;; esac
	[ "$(dpkg-query -W -f '${Version}' -- "${1%%=*}" 2>/dev/null)" = "${1#*=}" ]
}

see_to_names() {
	[ -n "$names" ] || return 0
	todo=''
	for one in $names; do
		case $state in
		absent) ! is_installed "${one%%=*}" || todo="$todo $one" ;;
		latest) [ "$only_upgrade" = true ] && ! is_installed "$one" || todo="$todo $one" ;;
		*) is_installed "$one" || { [ "$only_upgrade" = true ] && ! is_installed "${one%%=*}"; } || todo="$todo $one" ;;
		esac
	done
	[ -n "$todo" ] || return 0
	case $state in
	absent)
		verb=remove
		[ "$purge" = false ] || verb=purge
		;;
	*) verb=install ;;
	esac
	# shellcheck disable=SC2086 # names are words without blanks
	apt_does "$verb" -- $todo || die "'/usr/bin/apt-get $verb$todo' failed"
}

# apt_does WORD…: apt-get with the options; changed unless it says that it did nothing. In check mode it only tells.
apt_does() {
	simulated=''
	[ "$check" = false ] || simulated=-s
	# shellcheck disable=SC2086 # options are words without blanks
	out=$(apt-get -y -q $options $simulated "$@" </dev/null)
	rc=$?
	[ -z "$out" ] || printf '%s\n' "$out"
	[ "$rc" = 0 ] || return "$rc"
	case $out in *'0 upgraded, 0 newly installed, 0 to remove'*) ;; *) changed=true ;; esac
}
