# The time zone. Needs the prelude. Values: name check.
#
# systemsetup(8) answers only root ("You need administrator access …", exit 0 or 1 by version) and says "Time Zone: NAME";
# anybody may read where /etc/localtime leads to.

probe() {
	command -v systemsetup >/dev/null || die 'systemsetup is not on this node: this module is for macOS'
	zone=$(systemsetup -gettimezone 2>/dev/null)
	case $zone in
	*'Time Zone: '*) zone=${zone##*Time Zone: } ;;
	*) zone=$(readlink /etc/localtime) && zone=${zone##*/zoneinfo/} ;;
	esac
	say name "$zone"
}

apply() {
	[ "$(id -u)" = 0 ] || die 'systemsetup -settimezone needs root: say become: true'
	[ -f "/usr/share/zoneinfo/$name" ] || die "$name is no time zone of this node: it has no /usr/share/zoneinfo/$name"
	why=$(systemsetup -settimezone "$name" 2>&1) || die "systemsetup -settimezone $name: $why"
}
