# Text of the user's, run as it is: a command line, or a script brought here for the purpose. Needs prelude and files.

run_raw() {
	[ "$as_one" = false ] || exec 2>&1
	("${executable:-/bin/sh}" -c "$cmd" 3>&-)
	say rc "$?"
}

# place_script: unless a guard says that there is nothing to do, a private directory for the script; says which
place_script() {
	if [ -n "$creates" ]; then
		expand "$creates"
		if [ -e "$path" ]; then
			say skip "$creates exists, matching creates option"
			return 0
		fi
	fi
	if [ -n "$removes" ]; then
		expand "$removes"
		if [ ! -e "$path" ]; then
			say skip "$removes does not exist, matching removes option"
			return 0
		fi
	fi
	[ "$check" = false ] || return 0
	folder=$(mktemp -d "${TMPDIR:-/tmp}/.orch.XXXXXX") || die 'mktemp: no directory for the script'
	say folder "$folder"
}

# run_script WORD…: the script in $folder, which is removed whatever becomes of it
run_script() {
	trap 'rm -rf "$folder"' EXIT
	chmod 700 "$folder/$file" || die "chmod $folder/$file: exit $?"
	if [ -n "$chdir" ]; then
		cd -- "$chdir" || die 'Unable to change directory before execution.'
	fi
	# an interpreter may come with options of its own: they are separated by blanks
	set -f
	# shellcheck disable=SC2086
	[ "$as_one" = false ] || exec 2>&1
	(exec $executable "$folder/$file" "$@" 3>&-)
	say rc "$?"
}
