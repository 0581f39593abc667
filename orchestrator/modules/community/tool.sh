# Programs that a Mac has only if somebody installed them. Needs the prelude and files.

tool=''
tool_folders='/opt/homebrew/bin /usr/local/bin'

# find_tool NAME REMEDY: sets `tool`; looked for as $executable where that is given, else in PATH, else where Homebrew
# puts programs – an SSH command's PATH lacks that. What it starts in turn (npm starts node) is then found there as well.
find_tool() {
	if [ -n "$executable" ]; then
		expand "$executable"
		tool=$(command -v "$path") && return
		die "the executable $path is not on this node. $2"
	fi
	tool=$(command -v "$1") && return
	for folder in $tool_folders; do
		[ -x "$folder/$1" ] || continue
		PATH=$PATH:$folder
		export PATH
		tool=$folder/$1
		return
	done
	die "$1 is not on this node: neither in PATH ($PATH) nor in ${tool_folders% *} or ${tool_folders#* }. $2"
}

# do_tool STORY WORD…: runs the tool with the words and sets `out` and `err`; where it fails, dies with what it said
do_tool() {
	story=$1
	shift
	run_tool "$@"
	[ "$status" = 0 ] && return
	say reason "($story)"
	die "${err:-${out:-exit status $status}}"
}

# run_tool WORD…: runs the tool with the words; sets `out`, `err` and `status`. The streams pass one pipe, one after the
# other, with a character between them that no tool prints.
run_tool() {
	between=$(printf '\035')
	both=$({
		err=$("$tool" "$@" 2>&1 >&4 4>&- </dev/null)
		printf '%s%s%s%s' "$between" "$err" "$between" "$?"
	} 4>&1)
	status=${both##*"$between"}
	both=${both%"$between"*}
	err=${both##*"$between"}
	out=${both%"$between"*}
}

# listed LINE LINES: true if LINE is one of LINES
listed() {
	case $nl$2$nl in *"$nl$1$nl"*) ;; *) return 1 ;; esac
}
