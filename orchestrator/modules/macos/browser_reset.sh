# One browser's data: what of it is there, who uses it, and taking it away. A browser is quit politely before anything
# is removed, since it holds its files open and would write them back.
#
# `root`: the data directory. `profiles`, `inside`, `beside`, `below_home`, `guarded`: patterns, one a line.

browser_paths() {
	case $root in
	/* | '~'*) home_path "$root" && root=$path ;;
	*) root=$HOME/$root ;;
	esac
	root=${root%/}
	say root "$root"
}

# each_match PREFIX PATTERNS: what exists, one by one, to found(). With IFS empty a pattern with blanks stays one word.
each_match() {
	prefix=$1
	IFS=$nl
	set -f
	# shellcheck disable=SC2086  # one pattern a line
	set -- $2
	set +f
	IFS=
	for pattern; do
		# shellcheck disable=SC2086  # patterns are to match
		for place in $prefix/$pattern; do
			[ -e "$place" ] || [ -L "$place" ] || continue
			found "$place"
		done
	done
	unset IFS
}

# targets: every path that is to go, as found() is told
targets() {
	IFS=$nl
	set -f
	# shellcheck disable=SC2086  # one pattern a line
	set -- $profiles
	set +f
	IFS=
	for profile_pattern; do
		# shellcheck disable=SC2086  # patterns are to match
		for profile in $root/$profile_pattern; do
			[ ! -d "$profile" ] || each_match "$profile" "$inside"
			IFS=
		done
	done
	unset IFS
	each_match "$root" "$beside"
	each_match "$HOME" "$below_home"
	stale_locks
}

# stale_locks: Chromium's Singleton* are left by a hard kill. SingletonLock is a link to HOST-PID.
stale_locks() {
	holder=$(readlink "$root/SingletonLock") || return 0
	if kill -s 0 "${holder##*-}" 2>/dev/null || [ "${holder%-*}" != "$(hostname)" ]; then
		say lock "$holder"
		return 0
	fi
	for name in SingletonLock SingletonSocket SingletonCookie; do
		[ ! -L "$root/$name" ] && [ ! -e "$root/$name" ] || found "$root/$name"
	done
}

# users says each process that runs the browser, or has opened this data directory
users() {
	if [ -n "$process" ]; then
		pids=$(pgrep -x -u "$(id -u)" "$process( H.*)?")
		rc=$?
		[ "$rc" -le 1 ] || die "pgrep failed (exit $rc), so nobody knows whether $process runs"
		for pid in $pids; do say pid "$pid"; done
	fi
	table=$(ps -axww -o pid,args) || die "ps failed (exit $?), so nobody knows who uses $root"
	printf '%s\n' "$table" | while read -r pid arguments; do
		case "$arguments " in
		*"--user-data-dir=$root "* | *"--user-data-dir=$root/ "* | *" --profile $root "*) say pid "$pid" ;;
		esac
	done
}

# denied says each guarded folder that may not be read; an unreadable folder looks empty to a pattern
denied() {
	IFS=$nl
	for place in $guarded; do
		unset IFS
		said=$(ls "$HOME/$place" 2>&1 >/dev/null)
		case $said in
		*'not permitted'* | *'ermission denied'*) say denied "$HOME/$place" ;;
		esac
	done
	unset IFS
}

browser_look() {
	browser_paths
	users
	denied
	found() { say target "$1"; }
	targets
}

browser_users() {
	browser_paths
	users
}

# browser_quit: SIGTERM, on which Chromium and Firefox end cleanly; `signal` is KILL only where that was asked for
browser_quit() {
	browser_paths
	[ -z "$process" ] || pkill "-$signal" -x -u "$(id -u)" "$process"
	users 3>&1 | while IFS='=' read -r word pid; do
		[ "$word" != pid ] || kill -s "$signal" "$pid" 2>/dev/null
	done
	return 0
}

# remove PATH: renamed first, so that a late writer cannot bring half of it back
remove() {
	gone=${1%/*}/.orch-gone-$$-$removed
	removed=$((removed + 1))
	trouble=$(mv -f "$1" "$gone" 2>&1 && rm -rf "$gone" 2>&1) || say kept "$1: $trouble"
}

browser_clear() {
	browser_paths
	removed=0
	found() { remove "$1"; }
	targets
	say removed "$removed"
	found() { say target "$1"; }
	targets
	denied
	users
}
