# Python programs by pipx. Needs the prelude, files and tool. Values: executable. The words, where there are any, are a
# command of pipx's to run first; on stdout its list as JSON.

pipx_main() {
	find_tool pipx 'Homebrew brings it: brew install pipx'
	[ $# -eq 0 ] || do_tool "pipx $1" "$@"
	"$tool" list --json </dev/null || die "pipx list: exit $?"
}
