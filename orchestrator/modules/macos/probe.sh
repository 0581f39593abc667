# Runs several commands apart from each other, each within a limit, and prints what they left behind.
#
# `probe NAME COMMAND…` starts one; at most 8 are under way at a time. `probes_say` waits for the last of them and prints
# lines FILE:TEXT. FILE is NAME.cmd (what was run), NAME.rc (its exit status), NAME.out, NAME.err, and NAME.late where it
# had to be ended after $probe_limit_s whole seconds (macOS has no timeout(1)). One awk frames everything.

probe_batch=0
probe_count=0
probe_dir=
probe_live=
probe_shown=

# probes_begin makes the directory of the answers; it goes when this program ends
probes_begin() {
	probe_dir=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/.orch-probe.XXXXXX") || die "no directory for answers can be made"
	trap 'rm -rf "$probe_dir"' EXIT
}

# probe NAME COMMAND…: a program is run in place of the subshell, so that ending the subshell ends it
probe() {
	[ -n "$probe_dir" ] || probes_begin
	probe_open "$@"
	shift
	probe_run "$@" >"$probe_out" 2>"$probe_err" </dev/null 3>&- &
	probe_started "$!"
}

# probe_fed NAME TEXT COMMAND…: as probe, with TEXT and a newline on its standard input; TEXT is in nobody's arguments
probe_fed() {
	[ -n "$probe_dir" ] || probes_begin
	probe_text=$2
	probe_fed_name=$1
	shift 2
	probe_open "$probe_fed_name" "$@"
	printf '%s\n' "$probe_text" | probe_run "$@" >"$probe_out" 2>"$probe_err" 3>&- &
	probe_started "$!"
}

# probe_open NAME COMMAND… names the files; $probe_shown stands for the command where that is a function of ours
probe_open() {
	probe_name=$1
	shift
	probe_out=$probe_dir/$probe_name.out
	probe_err=$probe_dir/$probe_name.err
	printf '%s\n' "${probe_shown:-$*}" >"$probe_dir/$probe_name.cmd"
	probe_shown=
}

probe_run() {
	case $(command -v "$1") in
	/*) exec "$@" ;;
	esac
	"$@"
}

probe_started() {
	probe_live="$probe_live $1 $probe_name"
	probe_count=$((probe_count + 1))
	[ "$probe_count" -lt 8 ] || probes_settle
}

# probes_settle waits for what is under way
probes_settle() {
	[ -n "$probe_live" ] || return 0
	probe_batch=$((probe_batch + 1))
	# shellcheck disable=SC2086  # pids and names are words
	set -- $probe_live
	probes_watch "$@" >/dev/null 2>&1 </dev/null 3>&- &
	while [ $# -gt 0 ]; do
		wait "$1" 2>/dev/null
		printf '%s\n' "$?" >"$probe_dir/$2.rc"
		shift 2
	done
	printf 'settled\n' >"$probe_dir/$probe_batch.settled"
	probe_live=
	probe_count=0
}

# probes_watch PID NAME… ends those that are still there after the limit: TERM, and a second later KILL. It looks each
# second whether it is still needed, and nobody ends it: a signal to a shell that only begins may be lost.
probes_watch() {
	naps=0
	while [ "$naps" -le "$probe_limit_s" ]; do
		sleep 1
		[ -d "$probe_dir" ] && [ ! -e "$probe_dir/$probe_batch.settled" ] || return
		naps=$((naps + 1))
		[ "$naps" -lt "$probe_limit_s" ] || probes_end "$@"
	done
}

probes_end() {
	while [ $# -gt 0 ]; do
		if kill -s 0 "$1"; then
			printf 'late\n' >"$probe_dir/$2.late"
			if [ "$naps" = "$probe_limit_s" ]; then kill -s TERM "$1"; else kill -s KILL "$1"; fi
		fi
		shift 2
	done
}

probes_say() {
	[ -n "$probe_dir" ] || probes_begin
	probes_settle
	(cd "$probe_dir" && LC_ALL=C awk '{ print FILENAME ":" $0 }' /dev/null ./*) || die "the answers cannot be read"
}

# top_lines COMMAND…: the first level of what launchctl print says. Deeper lines hold arguments and environments, and
# those may hold secrets: they do not leave the node.
top_lines() {
	top_text=$("$@")
	top_rc=$?
	printf '%s\n' "$top_text" | LC_ALL=C sed -n -e '/^[^	]/p' -e '/^	[^	]/p'
	return "$top_rc"
}
