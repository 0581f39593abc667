# Node.js packages. Needs the prelude, files and tool. Values: executable folder_given globally asks_outdated.
#
# The words, where there are any, are a command of npm's to run first. On stdout: the list, a line with a form feed,
# and what is outdated, both as JSON. `npm ls` and `npm outdated` exit 1 where something is missing or outdated.

npm_main() {
	find_tool npm 'Node.js brings it: brew install node'
	if [ -n "$folder_given" ]; then
		expand "$folder_given"
		[ $# -eq 0 ] || [ -d "$path" ] || mkdir -p "$path" || die "could not make $path"
		if [ ! -d "$path" ]; then
			printf '{}\n\f\n{}\n'
			return
		fi
		cd -- "$path" || die "could not change to $path"
	fi
	[ $# -eq 0 ] || do_tool "npm $1" "$@"
	set --
	[ "$globally" = false ] || set -- --global
	"$tool" ls --json --depth=0 "$@" </dev/null
	printf '\f\n'
	[ "$asks_outdated" = false ] || "$tool" outdated --json "$@" </dev/null
	return 0
}
