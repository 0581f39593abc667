# The time zone. Needs the prelude. Values: name check.
#
# systemsetup(8) answers only root ("You need administrator access …", exit 0 or 1 by version) and says "Time Zone: NAME";
# anybody may read where /etc/localtime leads to. Linux has the link and, on Debian, the name in /etc/timezone.

probe() {
	is_linux || command -v systemsetup >/dev/null || die 'systemsetup is not on this node: this module is for macOS'
	[ -f "/usr/share/zoneinfo/$name" ] || die "Error message:${nl}given timezone \"$name\" is not available"
	zone=$(is_linux || systemsetup -gettimezone 2>/dev/null)
	case $zone in
	*'Time Zone: '*) zone=${zone##*Time Zone: } ;;
	*) zone=$(readlink /etc/localtime) && zone=${zone##*/zoneinfo/} ;;
	esac
	say name "$zone"
}

apply() {
	[ "$(id -u)" = 0 ] || die 'systemsetup -settimezone needs root: say become: true'
	if is_linux; then
		why=$(ln -sfn "/usr/share/zoneinfo/$name" /etc/localtime 2>&1) || die "$why"
		[ ! -e /etc/timezone ] || printf '%s\n' "$name" >/etc/timezone || die '/etc/timezone is not writable'
		return
	fi
	why=$(systemsetup -settimezone "$name" 2>&1) || die "systemsetup -settimezone $name: $why"
}

# is_linux: true on a Linux that has no tool of a Mac's in front
is_linux() {
	[ "$(uname)" = Linux ] && ! command -v systemsetup >/dev/null
}
