# All objects below some directories, with their stat fields. Needs the prelude and files.

# one_below LINKS DIRECTORY LEVEL: how many objects there are on that level
one_below() {
	LC_ALL=C find "$1" "$2" -mindepth "$3" -maxdepth "$3" -exec printf '%.0sx' {} + 2>/dev/null | wc -c | tr -d ' '
}

# walk DIRECTORY…: says what each line of stdout needs to be read; $follow $depth (0: no limit) $checksum_kind (may be
# empty) $below (whether to count what lies one level below depth)
walk() {
	say now "$(date +%s)"
	links=-H # the directory itself may be a link, as /tmp is on a Mac
	[ "$follow" = false ] || links=-L
	for top; do
		expand "$top"
		[ "$path" = / ] || path=${path%/}
		if [ ! -d "$path" ]; then
			say skipped "$path|'$path' is not a directory"
			continue
		fi
		stat_of "$path"
		case $stat_style in
		gnu) set -- -c "$gnu_stat|%n" ;;
		*) set -- -f "$bsd_stat|%N" ;;
		esac
		if [ "$depth" -gt 0 ]; then
			LC_ALL=C find "$links" "$path" -mindepth 1 -maxdepth "$depth" -exec stat "$@" {} +
			[ "$below" = false ] || say below "$(one_below "$links" "$path" "$((depth + 1))")"
		else
			LC_ALL=C find "$links" "$path" -mindepth 1 -exec stat "$@" {} +
		fi
	done
	return 0
}

# sums FILE…: a checksum for each
sums() {
	for path; do
		checksum "$checksum_kind" "$path"
		say sum "$sum"
	done
}
