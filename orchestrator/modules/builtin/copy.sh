# A copy within the node. Needs the prelude, files and content.
#
# Values: as for put, and src local_follow expected_sum.

# copy_here WORD…: $src to $dest_given; the words are the validation command, if any
copy_here() {
	expand "$src"
	src=$path
	[ -e "$src" ] || die "Source $src not found"
	[ -r "$src" ] || die "Source $src not readable"
	if [ -d "$src" ]; then
		copy_tree_here
		return
	fi
	[ -f "$src" ] || die "Cannot copy invalid source '$src': not a file"
	if [ "$mode" = preserve ]; then
		stat_of "$src" -L
		mode=$s_mode
	fi
	checksum sha1 "$src"
	wanted_sum=$sum
	say checksum "$sum"
	[ -z "$expected_sum" ] || [ "$sum" = "$expected_sum" ] || die 'Copied file does not match the expected checksum.'
	basename=${src##*/}
	expand "$dest_given"
	dest=$path
	how=base64
	resolve_dest || return 0
	say dest "$dest"
	if content_same; then
		attributes "$dest"
		say_stat "$dest"
		return
	fi
	say changed true
	foretell
	[ "$check" = false ] || return 0
	copy_beside
	write_content "$@"
	say_stat "$dest"
}

# copy_beside: a copy of $src in a private directory beside $dest, as an upload would be
copy_beside() {
	place_upload
	trap 'rm -rf "$place"' EXIT
	how=upload uploaded=$place/content
	why=$(cp -- "$src" "$uploaded" 2>&1) || die "could not copy $src: $why"
	if [ ! -f "$dest" ] && [ -z "$mode" ]; then
		stat_of "$src" -L
		mode=$s_mode
	fi
}

# copy_tree_here: a directory; only its contents where $src ends in a slash
copy_tree_here() {
	expand "$dest_given"
	root=${path%/}
	say dest "$path"
	case $src in
	*/) src=${src%/} ;;
	*) root=$root/${src##*/} ;;
	esac
	links=-P
	[ "$local_follow" = false ] || links=-L
	# what is only at the destination does not count: its lines do not name the source
	if [ ! -d "$root" ] || LC_ALL=C diff -rq "$src" "$root" 2>&1 | grep -Fq "$src"; then
		say changed true
		[ "$check" = false ] || return 0
		[ -d "$root" ] || make_directories "$root"
		why=$(cp -R "$links" "$src/." "$root/" 2>&1) || die "could not copy $src: $why"
	fi
	[ ! -d "$root" ] || attributes_of_tree
	say_stat "$root"
}

# attributes_of_tree: owner and group of all that was copied; Ansible gives a tree no mode
attributes_of_tree() {
	mode=''
	[ -z "$owner" ] || [ -z "$(find "$root" ! -user "$owner" -print)" ] || tree_gets owner "$owner" chown
	[ -z "$group" ] || [ -z "$(find "$root" ! -group "$group" -print)" ] || tree_gets group "$group" chgrp
}

tree_gets() {
	say attribute "$1 (recursive)||$2"
	[ "$check" = false ] || return 0
	why=$("$3" -R "$2" "$root" 2>&1) || die "$3 failed: $why"
}
