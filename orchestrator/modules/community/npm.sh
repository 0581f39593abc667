# Node.js packages. Needs the prelude, files and tool. Values: executable folder_given, and three lists of words:
# list_words, outdated_words (none: not asked), and words: a command of npm's to run first.
#
# On stdout: the list as JSON, a line with a form feed, and the table of what is outdated. `npm list` and `npm outdated`
# exit 1 where something is missing or outdated.

npm_main() {
	find_tool npm 'Node.js brings it: brew install node'
	if [ -n "$folder_given" ]; then
		expand "$folder_given"
		[ "$words" = . ] || [ -d "$path" ] || mkdir -p "$path" || die "could not make $path"
		if [ ! -d "$path" ]; then
			printf '{}\n\f\n'
			return
		fi
		cd -- "$path" || die "could not change to $path"
	fi
	with_words npm_do
	words=$list_words
	with_words npm_ask
	printf '\f\n'
	words=$outdated_words
	with_words npm_ask
	return 0
}

npm_do() {
	[ $# -eq 0 ] || do_tool "npm $1" "$@"
}

npm_ask() {
	[ $# -eq 0 ] || "$tool" "$@" </dev/null
}
