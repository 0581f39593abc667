# A temporary file or directory. Needs the prelude and files.
#
# Values: path_given state prefix suffix. BSD mktemp(1) takes no suffix, so a name with one is made from a name without.

make_temporary() {
	expand "${path_given:-${TMPDIR:-/tmp}}"
	path=${path%/}
	[ -d "$path" ] || die "the directory $path does not exist"
	made=$(mktemp -d "$path/${prefix}XXXXXXXX" 2>&1) || die "mktemp: $made"
	if [ "$state" = directory ] && [ -z "$suffix" ]; then
		path=$made
	else
		[ -n "$suffix" ] || rmdir "$made"
		path=$made$suffix
		if [ "$state" = directory ]; then
			why=$(mkdir -m 700 -- "$path" 2>&1) || die "mkdir $path: $why"
		else
			why=$( (umask 077 && set -C && : >"$path") 2>&1) || die "could not create $path: $why"
		fi
		[ -z "$suffix" ] || rmdir "$made"
	fi
	say path "$path"
	say_stat "$path"
}
