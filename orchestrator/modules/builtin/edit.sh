# Files read for the controller to work on. Needs the prelude and files.

# read_file: $path_given, links followed; what it is, its cksum(1) – taken before the content – and then the content on stdout
read_file() {
	expand "$path_given"
	follow_link "$path"
	say path "$path"
	[ ! -d "$path" ] || die "Path $path is a directory !"
	say_stat "$path"
	[ "$s_kind" != absent ] || return 0
	say cksum "$(cksum <"$path")"
	cat <"$path" || die "cannot read $path: exit $?"
}

# read_files PATH…: each file's size and then all contents, one behind the other; a file that cannot be read has the size -1
read_files() {
	for path; do
		if [ -f "$path" ] && [ -r "$path" ]; then
			stat_of "$path" -L
			say size "$s_size"
			head -c "$s_size" <"$path"
		else
			say size -1
		fi
	done
}

# list_files: the names of the files in the directory $path_given
list_files() {
	expand "$path_given"
	[ -e "$path" ] || die "Source ($path) does not exist"
	[ -d "$path" ] || die "Source ($path) is not a directory"
	path=${path%/}
	say path "$path"
	for file in "$path"/* "$path"/.*; do
		[ ! -f "$file" ] || say name "${file##*/}"
	done
}
