# What every declared module shares: probe, compare, apply what differs, probe again and prove it.
#
# The session gives `say NAME VALUE` (a record on fd 3, escaped to one line) and `die MESSAGE` (a `fail` record, exit 1).
# The controller sets `wanted` (lines FIELD=ESCAPED, in the order changes are applied) and `check` (true or false).
# A module's script defines `probe`, which says each field it sees, and `apply`, which brings about the fields in `$changed`.

nl='
'

# seen: the records of one probe, or the end of this program with the probe's own words
seen() {
	records=$(probe 3>&1 >&2) && return
	printf '%s\n' "$records" >&3
	exit 1
}

# differing: sets `changed` to the wanted fields that `records` does not show, blank-separated
differing() {
	changed=''
	IFS=$nl
	set -f
	for line in $wanted; do
		case $nl$records$nl in
		*"$nl$line$nl"*) ;;
		*) changed="$changed ${line%%=*}" ;;
		esac
	done
	set +f
	unset IFS
	changed=${changed# }
}

# converge: the whole life of a declared task, in one program
converge() {
	seen
	say before "$records"
	differing
	say changed "$changed"
	[ -n "$changed" ] || return 0
	[ "$check" = false ] || return 0
	apply || die "could not apply: $changed (exit $?)"
	prove
}

# prove: probes (again) and says what is still not as wanted
prove() {
	seen
	say after "$records"
	differing
	say still "$changed"
}

# home_path: sets `path` with a leading ~ or ~USER put in full, as a shell would; no other expansion
home_path() {
	# shellcheck disable=SC2088  # the tilde as it was written is meant
	case $1 in
	'~') path=$HOME ;;
	'~/'*) path=$HOME/${1#'~/'} ;;
	'~'*) other_home "${1#'~'}" ;;
	*) path=$1 ;;
	esac
}

# other_home: `path` below another user's home, from the directory service where there is one
other_home() {
	user=${1%%/*}
	home=$(dscl . -read "/Users/$user" NFSHomeDirectory 2>/dev/null)
	case $home in # a path with a blank in it stands on a line of its own
	NFSHomeDirectory:*/*) home=/${home#*/} ;;
	*) home= ;;
	esac
	[ -n "$home" ] || home=$(getent passwd "$user" 2>/dev/null | cut -d: -f6)
	[ -n "$home" ] || die "no user $user on this node, so ~$user has no meaning"
	case $1 in
	*/*) path=$home/${1#*/} ;;
	*) path=$home ;;
	esac
}
