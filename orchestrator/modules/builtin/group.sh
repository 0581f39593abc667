# A group, by macOS's dscl(1) or Linux's shadow tools. Needs the prelude.
#
# Values: name state gid system non_unique.

probe() {
	case $(uname) in
	Darwin) number=$(dscl . -read "/Groups/$name" PrimaryGroupID 2>/dev/null) && number=${number##* } ;;
	*) number=$(getent group "$name") && number=${number#*:*:} && number=${number%%:*} ;;
	esac || { say state absent && return; }
	say state present
	say gid "$number"
}

apply() {
	case $(uname):$state:" $changed " in
	Darwin:absent:*) set -- dscl . -delete "/Groups/$name" ;;
	Darwin:*' state '*) create_darwin && return ;;
	Darwin:*) set -- dscl . -create "/Groups/$name" PrimaryGroupID "$gid" ;;
	*:absent:*)
		set -- groupdel
		[ "$force" = false ] || set -- "$@" -f
		set -- "$@" -- "$name"
		;;
	*' state '*)
		set -- groupadd
		[ -z "$gid" ] || set -- "$@" -g "$gid"
		[ "$non_unique" = false ] || set -- "$@" -o
		[ "$system" = false ] || set -- "$@" -r
		[ -z "$gid_min" ] || set -- "$@" -K "GID_MIN=$gid_min"
		[ -z "$gid_max" ] || set -- "$@" -K "GID_MAX=$gid_max"
		set -- "$@" -- "$name"
		;;
	*)
		set -- groupmod -g "$gid"
		[ "$non_unique" = false ] || set -- "$@" -o
		set -- "$@" -- "$name"
		;;
	esac
	why=$("$@" 2>&1) || die "$why$nl"
}

create_darwin() {
	limit=500
	[ "$system" = false ] || limit=199
	number=${gid:-$(dscl . -list /Groups PrimaryGroupID | awk -v limit="$limit" -v system_group="$system" '
		system_group == "true" && $2 >= 500 { next }
		$2 > limit && $2 < 4294967290 { limit = $2 }
		END { print limit + 1 }')}
	why=$(dscl . -create "/Groups/$name" 2>&1) || die "dscl -create /Groups/$name: $why"
	why=$(dscl . -create "/Groups/$name" PrimaryGroupID "$number" 2>&1) || die "dscl -create: $why"
}
