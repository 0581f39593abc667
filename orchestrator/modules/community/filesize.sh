# A file of some size. Needs the prelude and files. Values: path_given mode owner group check.

# size_now: what is at the path, links followed, and how large a block of its file system is
size_now() {
	expand "$path_given"
	folder "$path"
	[ -d "$dir" ] || die 'parent directory of the file must exist prior to run this module'
	say path "$path"
	say tool "$(command -v dd)"
	stat_of "$path" -L
	say kind "$s_kind"
	[ "$s_kind" = absent ] || say size "$s_size"
	block=$(stat -f -c %S "$dir" 2>/dev/null) || block=$(stat -f %k "$dir") || die "stat $dir: exit $?"
	say block "$block"
}

# settle_size: the attributes of what the path leads to
settle_size() {
	expand "$path_given"
	follow_link "$path"
	say path "$path"
	attributes "$path"
	say_stat "$path"
	say size "$s_size"
}
