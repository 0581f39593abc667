# A copy within the node. Needs the prelude, files and content.
#
# Values: as for put, and src local_follow expected_sum.

# copy_here WORD…: $src to $dest_given; the words are the validation command, if any
copy_here() {
	expand "$src"
	src=$path
	say src "$src"
	[ -e "$src" ] || die "Source $src not found"
	[ -r "$src" ] || die "Source $src not readable"
	stat_of "$src" -L
	mode_of_source=$s_mode
	[ "$mode" != preserve ] || mode=$s_mode
	if [ -d "$src" ]; then
		copy_tree_here
		return
	fi
	[ -f "$src" ] || die "Cannot copy invalid source '$src': not a file"
	checksum md5 "$src"
	say md5sum "$sum"
	checksum sha1 "$src"
	wanted_sum=$sum
	say checksum "$sum"
	[ -z "$expected_sum" ] || [ "$sum" = "$expected_sum" ] || die 'Copied file does not match the expected checksum. Transfer failed.'
	basename=${src##*/}
	expand "$dest_given"
	dest=$path
	how=base64
	! lacks_folder || return 0
	resolve_dest || {
		say_stat "$dest"
		return 0
	}
	say dest "$dest"
	if content_same; then
		attributes "$dest"
		say_stat "$dest"
		return
	fi
	say changed true
	foretell
	if [ "$check" = false ]; then
		copy_beside
		write_content "$@"
	fi
	say_stat "$dest"
}

# lacks_folder: whether $dest is to be in a directory that is not there, and check mode does not make; says so
lacks_folder() {
	case $check:$dest in true:*/) [ ! -d "$dest" ] && say folder "${dest%/}" ;; *) false ;; esac
}

# copy_beside: a copy of $src in a private directory beside $dest, as an upload would be
copy_beside() {
	place_upload
	trap 'rm -rf "$place"' EXIT
	how=upload uploaded=$place/content
	why=$(cp -- "$src" "$uploaded" && touch -r "$src" "$uploaded" 2>&1) || die "could not copy $src: $why"
	[ -e "$dest" ] || return 0
	# what it replaces leaves it nothing
	mode=${mode:-$mode_of_source} owner=${owner:-$(id -u)} group=${group:-$(id -g)}
}

# copy_tree_here: a directory; only its contents where $src ends in a slash. Mode, owner and group go to the directory that
# Ansible takes for the destination, which is not always the one that is copied to.
copy_tree_here() {
	expand "$dest_given"
	dest=$path
	! lacks_folder || return 0
	root=${path%/}
	case $dest in */) [ -d "$dest" ] || { say changed true && make_directories "$root"; } ;; esac
	if [ -d "$dest" ]; then dest=${dest%/}/${src##*/}; fi
	say dest "$dest"
	case $src in
	*/) src=${src%/} ;;
	*) root=$root/${src##*/} ;;
	esac
	links=-P
	[ "$local_follow" != true ] || links=-L
	if [ ! -d "$root" ] || lacks_of_source; then
		say changed true
		[ "$check" = false ] || return 0
		[ -d "$root" ] || { (directory_mode='' && make_directories "$root") && chmod "0$mode_of_source" "$root"; } || exit 1
		why=$(umask 0 && cp -R "$links" "$src/." "$root/" 2>&1) || die "could not copy $src: $why"
	fi
	if [ -d "$root" ]; then attributes_of_tree; fi
	[ -d "$dest" ] || dest=${dest%/*}
	attributes "$dest"
	say_stat "$dest"
}

# lacks_of_source: whether $root lacks something of $src, or has it otherwise. What is only in $root does not count, nor do
# links that lead nowhere. Source: the lines of diff(1) -q, of GNU's and the BSDs'.
lacks_of_source() {
	LC_ALL=C diff -rq "$src" "$root" 2>/dev/null | (
		while IFS= read -r line; do
			case $line in "Only in $src: "* | "Only in $src/"* | "File $src/"* | "Files $src/"*) exit 0 ;; esac
		done
		exit 1
	)
}

# attributes_of_tree: owner and group of all that was copied
attributes_of_tree() {
	[ -z "$owner" ] || [ -z "$(find "$root" ! -user "$owner" -print)" ] || tree_gets "$owner" chown
	[ -z "$group" ] || [ -z "$(find "$root" ! -group "$group" -print)" ] || tree_gets "$group" chgrp
}

tree_gets() {
	say changed true
	[ "$check" = false ] || return 0
	why=$("$2" -R "$1" "$root" 2>&1) || die "$2 failed: $why"
}
