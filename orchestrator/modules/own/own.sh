# A module of the user's own at work. Its file and its arguments lie in the spool; the claim may go before them. Needs the
# prelude, files and content.
# shellcheck shell=sh
# shellcheck disable=SC2154  # orch_claim is the session's

# place_module: a private directory for a large module, which is brought there before it runs; says which
place_module() {
	make_place
	say place "$place"
}

make_place() {
	place=${orch_claim%/*}/module.${orch_claim##*/}
	why=$(mkdir -m 700 -- "$place" 2>&1) || die "no directory for the module: $why"
}

# refuse_stub PROGRAM: on a Mac without the developer tools, what is there for it opens a dialogue and waits
refuse_stub() {
	case $1 in
	/usr/bin/python3 | /usr/bin/python3.*) ;;
	*) return 0 ;;
	esac
	[ "$(uname)" != Darwin ] || xcode-select -p >/dev/null 2>&1 ||
		die "$1 is the stub for the developer tools: name another Python with ansible_python_interpreter, or install them"
}

# run_module WORD…: $file, whose bytes come as content.sh has them or lie in $place; the words are its interpreter
run_module() {
	refuse_stub "$1"
	[ -n "$place" ] || make_place
	trap 'rm -rf "$place"' EXIT
	umask_before=$(umask)
	umask 077
	[ "$how" = upload ] || fill >"$place/$file" || die "could not write $place/$file: exit $?"
	printf '%s' "$arguments" >"$place/arguments" || die "could not write the arguments: exit $?"
	chmod 700 "$place/$file" || die "chmod $place/$file: exit $?"
	umask "$umask_before"
	("$@" "$place/$file" "$place/arguments" 3>&-)
	say rc "$?"
}

# run_python: a module in Python, by our runner; both are files of this machine. All else stands on stdin.
run_python() {
	("$python" "$runner" 3>&-)
	say rc "$?"
}
