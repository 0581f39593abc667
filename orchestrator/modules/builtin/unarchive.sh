# An archive unpacked beside its destination, compared, and only then moved in. Needs prelude, files, content and curl.
#
# Values: dest_given src remote (file, url or upload) creates keep_newer list_files excludes (words before `--`)
# includes, mode owner group check, config for a url.

# place_archive: says where an archive may be brought to, unless a guard says that there is nothing to do
place_archive() {
	if [ -n "$creates" ]; then
		expand "$creates"
		if [ -e "$path" ]; then
			say held "skipped, since $creates exists"
			return
		fi
	fi
	expand "$dest_given"
	[ -d "$path" ] || die "dest '$path' must be an existing dir"
	place=$(mktemp -d "$path/.orch.XXXXXX" 2>&1) || die "Destination $path not writable: $place"
	say place "$place"
}

# unpack WORD…: the words are tar's further arguments
unpack() {
	if [ "$remote" != upload ]; then
		place_archive
		[ -n "$place" ] || return 0
	fi
	trap 'rm -rf "$place"' EXIT
	expand "$dest_given"
	dest=${path%/}
	case $remote in
	url)
		why=''
		request "$place/content"
		[ "$code" = 200 ] || [ "$code" = 000 ] && [ -z "$why" ] || die "Request failed: $why (status $code)"
		archive=$place/content
		;;
	file)
		expand "$src"
		archive=$path
		[ -f "$archive" ] && [ -r "$archive" ] || die "Source '$archive' does not exist"
		;;
	*) archive=$place/content ;;
	esac
	mkdir "$place/new" || die "mkdir $place/new: exit $?"
	extract "$@"
	compare_trees
	move_in
	say_stat "$dest"
}

# extract WORD…: macOS's tar also reads zip files, GNU's does not
extract() {
	case $(od -An -tx1 -N2 "$archive") in *1f*8b*) say handler TgzArchive ;; *) say handler TarArchive ;; esac
	if why=$(tar -xf "$archive" -C "$place/new" "$@" 2>&1); then
		[ "$list_files" = false ] || say files "$(tar -tf "$archive" "$@")"
		return
	fi
	[ "$(head -c 2 "$archive")" = PK ] || die "failed to unpack $src: $why"
	command -v unzip >/dev/null || die "failed to unpack $src: tar cannot, and there is no unzip(1): $why"
	say handler ZipArchive
	[ $# -eq 0 ] || die 'include, exclude and extra_opts of a zip file need a tar that reads it'
	why=$(unzip -oq "$archive" -d "$place/new" 2>&1) || die "failed to unpack $src: $why"
	[ "$list_files" = false ] || say files "$(unzip -Z1 "$archive")"
}

# compare_trees: says each object that is not at the destination as the archive has it
compare_trees() {
	# what is only at the destination does not count: its lines do not name our own directory
	differs=$(LC_ALL=C diff -rq "$place/new" "$dest" 2>&1 | grep -F "$place/new")
	[ -z "$differs" ] || say changed true
}

move_in() {
	[ "$check" = false ] || return 0
	newer=''
	[ "$keep_newer" = false ] || newer=-u
	if [ -n "$differs" ]; then
		for object in "$place/new"/* "$place/new"/.[!.]* "$place/new"/..?*; do
			[ -e "$object" ] || [ -L "$object" ] || continue
			why=$(cp -RPp ${newer:+"$newer"} "$object" "$dest/" 2>&1) || die "could not move ${object##*/} to $dest: $why"
		done
	fi
	[ -n "$mode$owner$group" ] || return 0
	(cd "$place/new" && find . -mindepth 1 -print) >"$place/list"
	while IFS= read -r object; do attributes "$dest/${object#./}"; done <"$place/list"
}
