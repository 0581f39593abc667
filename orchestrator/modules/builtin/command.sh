# A command of the user's: its guards, its working directory, and the clock around it. Needs the prelude and files.

# enter: goes to $chdir, where one is given
enter() {
	[ -n "$chdir" ] || return 0
	expand "$chdir"
	cd -P -- "$path" 2>/dev/null && return
	if [ -e "$path" ]; then why='[Errno 13] Permission denied'; else why='[Errno 2] No such file or directory'; fi
	[ ! -e "$path" ] || [ -d "$path" ] || why='[Errno 20] Not a directory'
	say details "$why: b'$path'"
	die 'Unable to change directory before execution.'
}

# matches PATTERN: true if a file fits the glob pattern
matches() {
	expand "$1"
	pattern=$path
	IFS=''
	# shellcheck disable=SC2086 # the pattern is to be matched against files, and nothing else
	set -- $pattern
	unset IFS
	[ -e "$1" ] || [ -L "$1" ]
}

# guarded: true if $creates or $removes say that there is nothing to do; says so
guarded() {
	if [ -n "$creates" ] && matches "$creates"; then
		say guard creates && say guarded "$pattern"
	elif [ -n "$removes" ] && ! matches "$removes"; then
		say guard removes && say guarded "$pattern"
	else
		return 1
	fi
}

# begin_clock and end_clock: when the command began and ended, as the node's clock has it. Two marks are made in the spool,
# and one stat(1) tells of both, in fractions of a second on a Mac too; date(1) where there is no such place. The same stat
# tells how much the command has printed: what is short goes with the records, which takes no process.
begin_clock() {
	marks=${orch_clock-}
	[ -n "$marks" ] && echo 2>/dev/null >"$marks.start" && return
	marks=''
	say start "$(date '+%Y-%m-%d %H:%M:%S.%N')"
}

end_clock() {
	if [ -z "$marks" ]; then
		say end "$(date '+%Y-%m-%d %H:%M:%S.%N')"
	elif echo 2>/dev/null >"$marks.end" && stat_says '%y|%s' '%Sm %Fm|%z' -- "$marks.start" "$marks.end" "$orch_claim.out" "$orch_claim.err"; then
		IFS=$nl
		# shellcheck disable=SC2086 # split at the newlines: times and names of ours, no patterns
		set -- $line
		unset IFS
		say_time start "${1%|*}"
		say_time end "${2%|*}"
		[ "$stat_style" = bsd ] || say ticks yes
		say_stream out "${3##*|}"
		say_stream err "${4##*|}"
	fi
}

# say_stream out|err SIZE: a short text that the command has printed becomes a record. What the shell cannot hold as it is
# (NUL), or is no plain text, has another length or other characters, and stays where it is.
say_stream() {
	[ "$2" -gt 0 ] && [ "$2" -le 500 ] || return 0
	text=''
	while IFS= read -r piece; do text=$text$piece$nl; done <"$orch_claim.$1"
	text=$text$piece
	[ "${#text}" = "$2" ] || return 0
	case $text in *[![:print:][:space:]]*) return 0 ;; esac
	say ".$1" "$text" && true >"$orch_claim.$1"
}

# say_time NAME LINE: of GNU, DATE TIME.FRACTION ZONE; of BSD, DATE TIME SECONDS.FRACTION
say_time() {
	fraction=${2#*.}
	moment=${2%%.*}
	day=${moment%% *}
	moment=${moment#* }
	say "$1" "$day ${moment%% *}.${fraction%% *}"
}

# missing ERRNO WORD…: says why there is no such program, and what would have been run; ends
missing() {
	say missing "$1"
	shift
	for word; do say word "$word"; done
	exit 0
}

# find_program NAME ARG…: sets `program` as execvp(3) would find NAME, else says why there is none and ends
find_program() {
	program=$1
	case $1 in
	*/*) ;;
	*)
		search=$PATH:
		while [ -n "$search" ]; do
			program=${search%%:*}
			program=${program:-.}/$1
			search=${search#*:}
			[ -x "$program" ] && [ ! -d "$program" ] && return
		done
		missing 2 "$@"
		;;
	esac
	[ -x "$program" ] && [ ! -d "$program" ] && return
	if [ -e "$program" ]; then missing 13 "$@"; else missing 2 "$@"; fi
}

# become NAME ARG…: in place of this shell, the program that was found, called by the name it was asked for by as
# execvp(3) does it: it may tell that name in its errors. The exec of zsh would take a builtin of that name.
become() {
	case $1:${ZSH_VERSION-} in
	-*:* | *:?*)
		shift
		exec "$program" "$@"
		;;
	esac
	exec "$@"
}

# run_command WORD…: the command itself, without a shell in between
run_command() {
	enter
	if guarded || [ "$check" = true ]; then return 0; fi
	if [ "$expand_argument_vars" = true ]; then
		count=$#
		while [ "$count" -gt 0 ]; do
			expand "$1"
			shift
			set -- "$@" "$path"
			count=$((count - 1))
		done
	fi
	find_program "$@"
	begin_clock
	(become "$@" 3>&-)
	rc=$?
	end_clock
	say rc "$rc"
}

# run_shell: the text in $cmd, handed to a shell as its -c argument
run_shell() {
	enter
	if guarded || [ "$check" = true ]; then return 0; fi
	find_program "${executable:-/bin/sh}"
	begin_clock
	(exec "$program" -c "$cmd" 3>&-)
	rc=$?
	end_clock
	say rc "$rc"
}
