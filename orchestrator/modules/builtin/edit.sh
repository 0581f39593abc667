# Files read for the controller to work on. Needs the prelude and files; edit_file needs content, too.

# read_file: $path_given, links followed unless $replaces_link is set; what it is, its cksum(1) – taken before the content – and then the content on stdout
read_file() {
	expand "$path_given"
	[ -n "${replaces_link-}" ] || follow_link "$path"
	say path "$path"
	[ ! -d "$path" ] || die "Path $path is a directory !"
	say_stat "$path"
	[ "$s_kind" != absent ] || return 0
	say cksum "$(cksum <"$path")"
	cat <"$path" || die "cannot read $path: exit $?"
}

# edit_file WORD…: the whole edit, where that needs nobody else: the file is as it should be, and gets its attributes; or
# it is not there, and $guess is true: then put writes what is to be in a new one. Else `later`, and what read_file says.
# The words are the validation command, if any.
edit_file() {
	expand "$path_given"
	[ -n "${replaces_link-}" ] || follow_link "$path"
	if is_settled "$path"; then
		say path "$path"
		say settled true
		[ -z "$mode$owner$group" ] || attributes "$path"
		say_stat "$path"
	elif [ "$guess" = true ] && ! exists "$path"; then
		say path "$path"
		dest_given=$path
		put "$@"
	else
		say later read
		read_file
	fi
}

# is_settled PATH: whether $settled_line stands there, and is the only one that $settled_pattern fits. $settled_how: E (extended
# expression), F (fixed text), line (there is no pattern), or empty: unknown. A last line without an end is not settled.
# Line and pattern may be secret, and go to grep's stdin: arguments can be read by every user.
is_settled() {
	[ -n "$settled_how" ] && [ -f "$1" ] && [ -r "$1" ] && [ -z "$(tail -c 1 "$1")" ] || return 1
	if [ "$settled_how" != line ]; then
		fitting=$(printf '%s\n' "$settled_pattern" | LC_ALL=C grep -a"$settled_how" -m 2 -f /dev/stdin "$1"
			printf .)
		case $fitting in
		.) ;;
		"$settled_line$nl.") return 0 ;;
		*) return 1 ;;
		esac
	fi
	! printf '%s\r\n' "$settled_line" | LC_ALL=C grep -aqFx -f /dev/stdin "$1" &&
		printf '%s\n' "$settled_line" | LC_ALL=C grep -aqFx -f /dev/stdin "$1"
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
