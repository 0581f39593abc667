# The node's half of a session: claims, results, frames. Sent once to a standing /bin/sh, which has as arguments (see
# open.sh) its own name, the spool, the umask that tasks run with, and the nonce that begins every frame; orch_mark, which
# ends them, and orch_return, a carriage return, are set before this text.
#
# A process is what costs a node most, and then a new file, so what the shell can do itself it does: a task costs it a
# fork and three files, and one head(1) where it left much output.
#
# A claim is the file CLAIM.said in the spool. Making it is atomic, so of any number of tries one runs the task. In it are
#   PID NAME     the shell that runs the task
#   RECORD ...   what the task has said on fd 3, as NAME=VALUE
#   =STATUS=     its exit status, written last by one write(2): without this line there is no result yet
# and beside it more:
#   CLAIM.out, .err   what the task left on fd 1 and 2
#   CLAIM.ill         there is one where a record tells that the task failed, or has more to do
#   CLAIM.long        there is one where a record is long
#
# A frame is one line "NONCE STATE RC LINES CAP STREAMS WORDS", then so many LINES of records; then, unless STREAMS is a
# dash, these files, each cut behind CAP bytes, as head(1) prints them (with a heading each where there are several), and the mark.
# shellcheck shell=sh
# shellcheck disable=SC2154,SC2034  # the program around this text makes assignments, and uses orch_mask
orch_name=$1
orch_spool=$2
orch_mask=$3
orch_nonce=$4
shift 4
trap : HUP TERM
orch_clock=$orch_spool/clock.$$ # marks of when a command began and ended, used again by each
orch_newline='
'

# orch_head STATE WORDS: a frame that is nothing but its line
orch_head() {
	printf '%s %s 0 0 0 - %s\n' "$orch_nonce" "$1" "${2:--}"
}

# orch_is_alive PID NAME: the process exists and is ours; a pid alone may by now be somebody else's.
orch_is_alive() {
	[ -n "$2" ] || return 1
	case $(ps -ww -o args= -p "$1" 2>/dev/null) in *"$2"*) return 0 ;; esac
	return 1
}

# orch_result CLAIM sets orch_rc to its exit status; false where there is none.
orch_result() {
	orch_rc=$(LC_ALL=C sed -n 's/^=\([0-9]*\)=$/\1/p' "$orch_spool/$1.said" 2>/dev/null)
	[ -n "$orch_rc" ]
}

# orch_went_well CLAIM ...: all of them have a result, which is no failure that a module told, and have no more to do. Of
# programs sent one behind another each comes after all before it, so what this shell has ended or found well is kept in mind.
orch_well=' '
orch_went_well() {
	for orch_before; do
		case $orch_well in *" $orch_before "*) continue ;; esac
		orch_result "$orch_before" && orch_note "$orch_before" || return 1
	done
}

# orch_note CLAIM keeps in mind that it is well, if its exit status in orch_rc and its marks say so.
orch_note() {
	[ "$orch_rc" = 0 ] && [ ! -e "$orch_spool/$1.ill" ] || return 1
	[ "${#orch_well}" -lt 8000 ] || orch_well=' '
	orch_well=$orch_well$1' '
}

# orch_begin CLAIM AFTER ...: true where the task is ours to run. Otherwise orch_state says held, fault, or behind:
# one of the claims AFTER did not go well, or this shell was told to halt, so nothing was begun.
orch_begin() {
	orch_key=$1
	orch_claim=$orch_spool/$1
	shift
	if [ ! -e "$orch_claim.said" ] && { [ -e "$orch_spool/halt.$orch_name" ] || ! orch_went_well "$@"; }; then
		orch_state=behind
		return 1
	fi
	if orch_take; then
		printf '%s %s\n' "$$" "$orch_name" 2>/dev/null >>"$orch_claim.said" &&
			true 2>/dev/null >"$orch_claim.out" 3>"$orch_claim.err" && return
		orch_why="$orch_claim cannot be written: is the disk full?"
		rm -f "$orch_claim".*
		orch_state=fault
	elif [ -e "$orch_claim.said" ]; then
		orch_state=held
	else
		orch_state=fault
		orch_why=$(mkdir "$orch_claim.why" 2>&1) && orch_why="$orch_claim.said cannot be made" # mkdir says why
	fi
	return 1
}

# orch_take makes the claim, if there is none: with -C a shell opens a new file with O_EXCL.
orch_take() {
	set -C
	true 2>/dev/null >"$orch_claim.said"
	orch_rc=$?
	set +C
	return "$orch_rc"
}

orch_end() {
	orch_rc=$1
	orch_state='done'
	# What the task wrote may be cut on a full disk, though this line still fits: there has to be room for a block more. It is
	# asked for by appending: what is written over, ext4 hands to the disk at once, and waits for it before it is cut again.
	if ! { printf . >>"$orch_spool/room.$$" && true >"$orch_spool/room.$$" && printf '=%s=\n' "$1" >>"$orch_claim.said"; } 2>/dev/null; then
		orch_state=full
		true 2>/dev/null >"$orch_claim.said" # whoever asks later is told that there is no result
	else
		orch_note "$orch_key" || orch_well=' '
	fi
}

# orch_await SECONDS: orch_state becomes done, lost (its shell is gone and left no result) or busy (still at it).
orch_await() {
	orch_left=$(($1 * 100))
	orch_nap=0.05
	orch_dead=0
	until orch_result "$orch_key"; do
		orch_state=busy
		orch_by=
		IFS= read -r orch_by 2>/dev/null <"$orch_claim.said"
		if orch_is_alive "${orch_by%% *}" "${orch_by#* }"; then
			orch_dead=0
		else
			# Looks again: it may have finished between two looks. Where nobody has signed yet, a shell that was cut off
			# from us may just be at it, on a busy machine: that gets more looks.
			orch_dead=$((orch_dead + 1))
			orch_looks=2
			[ -n "$orch_by" ] || orch_looks=5
			if [ "$orch_dead" -ge "$orch_looks" ]; then
				orch_state=lost
				return
			fi
		fi
		[ "$orch_left" -gt 0 ] || return
		sleep "$orch_nap"
		case $orch_nap in
		0.05) orch_nap=0.1 orch_left=$((orch_left - 5)) ;;
		0.1) orch_nap=0.3 orch_left=$((orch_left - 10)) ;;
		0.3) orch_nap=1 orch_left=$((orch_left - 30)) ;;
		*) orch_left=$((orch_left - 100)) ;;
		esac
	done
	orch_state='done'
}

# orch_recall sets orch_said to the records and orch_lines to their number; false, and none, where they are many or long.
orch_recall() {
	orch_lines=0
	orch_said=
	[ ! -e "$orch_claim.long" ] || return 1
	{
		IFS= read -r orch_line # who runs it
		while IFS= read -r orch_line; do
			case $orch_line in =*) break ;; esac
			orch_said=$orch_said$orch_line$orch_newline
			orch_lines=$((orch_lines + 1))
			[ "$orch_lines" -gt 30 ] || continue
			orch_lines=0
			orch_said=
			return 1
		done
	} <"$orch_claim.said"
}

# orch_send CAP: the frame of orch_claim. Whoever writes to a stream behind the task's back can be cut, but not mistaken
# for a frame: the mark is nowhere but in this shell.
orch_send() {
	orch_cap=$1
	orch_streams=
	set -- out err
	orch_recall || set -- said out err
	for orch_stream; do
		shift
		[ -s "$orch_claim.$orch_stream" ] || continue
		orch_streams=${orch_streams:+$orch_streams,}$orch_stream
		set -- "$@" "$orch_claim.$orch_stream"
	done
	printf '%s %s %s %s %s %s -\n%s' "$orch_nonce" "$orch_state" "$orch_rc" "$orch_lines" "$orch_cap" \
		"${orch_streams:--}" "$orch_said"
	[ -n "$orch_streams" ] || return 0
	head -c "$((orch_cap + 1))" "$@"
	printf '%s\n' "$orch_mark"
}

# orch_reply WAIT_S CAP answers for the task that orch_begin was last called for.
orch_reply() {
	[ "$orch_state" != held ] || orch_await "$1"
	case $orch_state in
	done) orch_send "$2" ;;
	fault) orch_head fault "$orch_why" ;;
	full | behind) orch_head "$orch_state" ;;
	*) orch_rc=-1 && orch_send "$2" ;;
	esac
}

# orch_below PID prints the processes that descend from it, parents first: a shell whose child is ended before it would go
# on to its next command. Not the process group: in it are also the services that earlier tasks have started on purpose.
orch_below() {
	ps -A -o pid= -o ppid= | awk -v top="$1" '
		{ above[$1] = $2 }
		END {
			for (pid in above) {
				at = above[pid]
				for (steps = 0; at != top && (at in above) && steps < 99; steps++) at = above[at]
				if (at == top) {
					at_depth[steps] = at_depth[steps] " " pid
					if (steps > deepest) deepest = steps
				}
			}
			for (steps = 0; steps <= deepest; steps++) print at_depth[steps]
		}'
}

# orch_stop CLAIM GRACE: ends the task below its shell, with TERM and after GRACE tenths of a second with KILL.
orch_stop() {
	IFS= read -r orch_by 2>/dev/null <"$orch_spool/$1.said"
	if orch_is_alive "${orch_by%% *}" "${orch_by#* }"; then
		orch_pids=$(orch_below "${orch_by%% *}")
		orch_left=$2
		# shellcheck disable=SC2086  # pids are words
		kill -s TERM $orch_pids
		# shellcheck disable=SC2086  # pids are words
		while [ "$orch_left" -gt 0 ] && orch_any $orch_pids; do
			sleep 0.1
			orch_left=$((orch_left - 1))
		done
		# shellcheck disable=SC2086  # pids are words
		[ "$orch_left" -gt 0 ] || kill -s KILL $orch_pids
	fi 2>/dev/null
	orch_head stopped
}

# orch_any PID ... tells whether one of them still works: what has ended and was not yet waited for does not.
orch_any() (
	IFS=,
	ps -o stat= -p "$*" | grep -q '^[^Z]'
)

# orch_halt NAME: the shell of that name begins nothing any more.
orch_halt() {
	true >"$orch_spool/halt.$1"
	orch_head halted
}

# orch_forget CLAIM ...: their files go, in one process.
orch_forget() (
	cd "$orch_spool" || exit
	for orch_old; do
		shift
		set -- "$@" "$orch_old".*
	done
	exec rm -rf "$@"
)

# orch_close ends the other shells of this spool (a dropped line may have left one waiting), then leaves nothing.
orch_close() {
	for orch_file in "$orch_spool"/shell.*; do
		orch_pid=${orch_file##*.}
		IFS= read -r orch_other <"$orch_file"
		[ "$orch_pid" != "$$" ] && orch_is_alive "$orch_pid" "$orch_other" && kill -s KILL "$orch_pid"
	done 2>/dev/null
	orch_why=$(rm -rf "$orch_spool" 2>&1)
	# What other runs could not take away, and nobody has resumed since, is no use to anybody.
	orch_kin=${orch_spool##*/}
	orch_kin=${orch_kin%-*}
	set -- "${orch_spool%/*}/$orch_kin"-*
	[ ! -d "$1" ] || find "$@" -maxdepth 0 -type d -user "${orch_kin##*-}" -mtime +7 -exec rm -rf {} + 2>/dev/null
	if [ -e "$orch_spool" ]; then
		orch_head left "$orch_spool: $orch_why"
	else
		orch_head gone
	fi
	exit 0
}

orch_special="\\$orch_newline$orch_return"

# orch_escape VALUE sets orch_escaped without a fork. Each turn copies the rest, so it is for short values.
orch_escape() {
	orch_rest=$1
	orch_escaped=
	while :; do
		orch_part=${orch_rest%%["$orch_special"]*}
		orch_escaped=$orch_escaped$orch_part
		orch_rest=${orch_rest#"$orch_part"}
		case $orch_rest in
		'') return ;;
		"$orch_newline"*) orch_escaped=$orch_escaped\\n ;;
		"$orch_return"*) orch_escaped=$orch_escaped\\r ;;
		*) orch_escaped=$orch_escaped\\\\ ;;
		esac
		orch_rest=${orch_rest#?}
	done
}

# say NAME VALUE records one fact on fd 3, as NAME=VALUE with backslash, newline and carriage return escaped. What tells
# that what comes after the task is not to begin leaves a mark beside the claim, so that nobody has to read the records.
say() {
	case $1:$2 in fail:* | missing:* | later:* | still:?* | rc:[!0]*) true >"$orch_claim.ill" ;; esac
	[ "${#2}" -lt 2000 ] || true >"$orch_claim.long"
	case $2 in
	*["$orch_special"]*) ;;
	*) printf '%s=%s\n' "$1" "$2" >&3 && return ;;
	esac
	if [ "${#2}" -lt 2000 ]; then
		orch_escape "$2"
		printf '%s=%s\n' "$1" "$orch_escaped" >&3
	else
		printf '%s=' "$1" >&3
		printf '%s\n' "$2" | LC_ALL=C sed -e 's/\\/\\\\/g' -e "s/$orch_return/\\\\r/g" |
			LC_ALL=C awk 'NR > 1 { printf "%s", "\\n" } { printf "%s", $0 } END { print "" }' >&3
	fi
}

# die MESSAGE ends the task: the node says no.
die() {
	say fail "$*"
	exit 1
}
