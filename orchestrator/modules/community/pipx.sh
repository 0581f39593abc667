# Python programs by pipx. Needs the prelude, files and tool. Values: executable globally. The words, where there are any,
# are a command of pipx's to run first, whose output is said; on stdout its list as JSON.

pipx_main() {
	find_tool pipx 'Homebrew brings it: brew install pipx'
	USE_EMOJI=0 PIPX_USE_EMOJI=0
	export USE_EMOJI PIPX_USE_EMOJI
	say tool "$tool"
	if [ $# -gt 0 ]; then
		do_tool "pipx $1" "$@"
		say out "$out"
		say err "$err"
	fi
	say version "$("$tool" --version </dev/null)"
	set -- list --include-injected --json
	[ "$globally" = false ] || set -- "$@" --global
	"$tool" "$@" </dev/null || die "pipx list: exit $?"
}
