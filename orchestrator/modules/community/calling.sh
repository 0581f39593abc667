# Programs of the node called word by word. Needs the prelude, files and tool.
#
# Values: tools (names, blank-separated: the first that is here counts) executable remedy
# more_folders folder_given is_fed (true: the program reads what this one is given). The words are the program's.

call_tool() {
	find_first
	if [ -n "$folder_given" ]; then
		expand "$folder_given"
		cd -- "$path" || die "could not change to $path"
	fi
	say tool "$tool"
	if [ "$is_fed" = true ]; then "$tool" "$@"; else "$tool" "$@" </dev/null; fi
	say rc "$?"
}

# find_first: sets `tool`; of several names the last one is who is missed
find_first() {
	tool_folders=$more_folders
	others=$tools
	while :; do
		case $others in
		*' '*) ;;
		*) find_tool "$others" "$remedy" && return ;;
		esac
		! in_path "${others%% *}" || return 0
		others=${others#* }
	done
}

# in_path NAME: sets `tool` to the program of that name. `command -v` could mean a function of ours: there is one named `say`.
in_path() {
	IFS=:
	for dir in $PATH; do
		tool=${dir:-.}/$1
		[ -f "$tool" ] && [ -x "$tool" ] && break
		tool=''
	done
	unset IFS
	[ -n "$tool" ]
}

# tell_places PATH…: each path as it is meant here, and what is there
tell_places() {
	for given; do
		expand "$given"
		say path "$path"
		stat_of "$path" -L
		say kind "$s_kind"
	done
}
