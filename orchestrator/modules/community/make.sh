# A target of a makefile. Needs the prelude, files and tool. Values: executable folder_given check. The words are make's.

make_main() {
	if [ -n "$executable" ]; then
		find_tool make ''
	else
		tool=$(command -v gmake) || find_tool make 'Apple brings it with the command line tools: xcode-select --install.'
	fi
	case $(uname):$tool in
	# without the developer tools this is a stub that opens a dialogue and waits
	Darwin:/usr/bin/make) xcode-select -p >/dev/null 2>&1 || die 'make is not installed: /usr/bin/make is the stub for the developer tools' ;;
	esac
	expand "$folder_given"
	cd -- "$path" || die "could not change to $path"
	say tool "$tool"
	place=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/.orch.XXXXXX") || die 'mktemp: no scratch directory'
	trap 'rm -rf "$place"' EXIT
	"$tool" "$@" -q >"$place/out" 2>"$place/err" </dev/null
	asked=$?
	[ "$asked" -eq 0 ] || say changed true
	if [ "$asked" -eq 0 ] || [ "$check" = true ]; then
		cat "$place/out"
		cat "$place/err" >&2
		return 0
	fi
	"$tool" "$@" </dev/null
	say rc "$?"
}
