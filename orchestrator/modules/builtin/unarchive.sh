# An archive on the node. Needs prelude, files, content and curl.
#
# Values: dest_given src remote (file, url or upload) creates keep_newer list_files mode owner group check, config for a
# url; words gnu_words zip_words (of each tool; an empty word stands for the archive).

# place_archive: says where an archive may be brought to, unless a guard says that there is nothing to do. Where it is
# unpacked aside, that is beside its destination.
place_archive() {
	if [ -n "$creates" ]; then
		expand "$creates"
		if [ -e "$path" ]; then
			say held "skipped, since $creates exists"
			return
		fi
	fi
	expand "$dest_given"
	case $path in /*) ;; *) path=$PWD/$path ;; esac
	[ -d "$path" ] || die "dest '$path' must be an existing dir"
	if gnu_tar; then beside=${TMPDIR:-/tmp}; else beside=$path; fi
	place=$(mktemp -d "$beside/.orch.XXXXXX" 2>&1) || die "Destination $beside not writable: $place"
	say place "$place"
}

# gnu_tar: sets `tar` to GNU's tar, which compares an archive with what is there; fails where there is none
gnu_tar() {
	tar=$(command -v gtar || command -v tar) || return
	case $("$tar" --version 2>/dev/null) in tar*GNU*) ;; *) return 1 ;; esac
}

unpack() {
	if [ "$remote" != upload ]; then
		place_archive
		[ -n "$place" ] || return 0
	fi
	trap 'rm -rf "$place"' EXIT
	expand "$dest_given"
	case $path in /*) ;; *) path=$PWD/$path ;; esac
	dest=${path%/}
	dest=${dest:-/}
	say dest "$path"
	find_archive
	[ -s "$archive" ] || die "Invalid archive '$archive', the file is 0 bytes"
	is_zip=false
	[ "$(head -c 2 "$archive")" != PK ] || is_zip=true
	if [ "$is_zip" = true ] && ! tar -tf "$archive" >/dev/null 2>&1; then
		words=$zip_words
		with_words unzip_to
	elif [ "$is_zip" = false ] && gnu_tar; then
		words=$gnu_words
		with_words gnu_unpack
	else
		with_words unpack_aside
	fi
	say_stat "$dest"
}

# find_archive: sets `archive`
find_archive() {
	archive=$place/content
	case $remote in
	url)
		why=''
		request "$archive"
		[ "$code" = 200 ] || [ "$code" = 000 ] && [ -z "$why" ] || die "Request failed: $why (status $code)"
		;;
	file)
		expand "$src"
		archive=$path
		[ -e "$archive" ] || die "Source '$archive' does not exist"
		[ -f "$archive" ] && [ -r "$archive" ] || die "Source '$archive' not readable"
		say src "$archive"
		;;
	esac
}

# say_handler: names the kind of archive as Ansible does
say_handler() {
	flag=''
	handler=TarArchive
	[ "$is_zip" = false ] || handler=ZipArchive
	case $(od -An -tx1 -N2 "$archive") in *1f*8b*) flag=-z handler=TgzArchive ;; esac
	say handler "$handler"
}

# with_archive FUNCTION WORD…: calls FUNCTION with the words, the archive in place of the empty one
with_archive() {
	called=$1
	shift
	count=$#
	while [ "$count" -gt 0 ]; do
		set -- "$@" "${1:-$archive}"
		shift
		count=$((count - 1))
	done
	"$called" "$@"
}

# no_handler WHY: nothing here unpacks the archive, in Ansible's words
no_handler() {
	die "Failed to find handler for \"$src\". Make sure the required command to extract the file is installed.
$1"
}

# What GNU tar's --diff says of what is not as in the archive. Whose files they are matters where root could change it.
differences() {
	found='Mod time differs|Warning: Cannot stat: No such file or directory|Symlink differs|Contents differ|Size differs'
	[ -n "$mode" ] || found="$found|Mode differs"
	if [ "$(id -u)" = 0 ]; then
		[ -n "$owner" ] || found="$found|Uid differs"
		[ -n "$group" ] || found="$found|Gid differs"
	fi
	grep -Ev ': : Warning: Cannot stat: No such file or directory$' | grep -E ": ($found)\$|: Invalid (owner|group)"
}

gnu_unpack() { with_archive gnu_unpack_words "$@"; }

gnu_unpack_words() {
	say_handler
	members=$("$tar" --list -C "$dest" ${flag:+"$flag"} --quoting-style=literal "$@" 2>"$place/err") ||
		no_handler "Command \"$tar\" could not handle archive: Unable to list files in the archive: $(cat "$place/err")"
	[ -n "$members" ] ||
		no_handler "Command \"$tar\" found no files in archive. Empty archive files are not supported."
	[ "$list_files" = false ] || say files "$members"
	if "$tar" --diff -C "$dest" ${flag:+"$flag"} "$@" 2>&1 </dev/null | differences >/dev/null; then
		say changed true
		[ "$check" = true ] || tell "$tar" --extract -C "$dest" ${flag:+"$flag"} "$@"
	fi
	printf '%s\n' "$members" | give_attributes
}

# tell WORD…: runs the command and says its words, what it said and its exit status
tell() {
	"$@" >"$place/out" 2>"$place/err" </dev/null
	rc=$?
	for word; do say cmd "$word"; done
	say rc "$rc"
	out=$(cat "$place/out" && printf .)
	say out "${out%.}"
	err=$(cat "$place/err" && printf .)
	say err "${err%.}"
}

# give_attributes: mode, owner and group of the members that stand in stdin, and of the directories at their top
give_attributes() {
	[ "$check" = false ] && [ -n "$mode$owner$group" ] || return 0
	while IFS= read -r member; do
		attributes "$dest/$member"
		case $member in */?*) attributes "$dest/${member%%/*}" ;; esac
	done
}

unpack_aside() { with_archive unpack_aside_words "$@"; }

# unpack_aside_words WORD…: macOS's tar also reads zip files
unpack_aside_words() {
	say_handler
	mkdir "$place/new" || die "mkdir $place/new: exit $?"
	why=$(tar -x -C "$place/new" "$@" 2>&1) || die "failed to unpack $src: $why"
	[ "$list_files" = false ] || say files "$(tar -t "$@")"
	compare_trees
	move_in
}

unzip_to() { with_archive unzip_words "$@"; }

unzip_words() {
	unzip=$(command -v unzip) || no_handler "Unable to find required 'unzip' or 'zipinfo' binary in the path."
	say_handler
	members=$("$unzip" -Z1 "$@" 2>&1) || no_handler "Command \"$unzip\" could not handle archive: $members"
	[ "$list_files" = false ] || say files "$members"
	mkdir "$place/new" || die "mkdir $place/new: exit $?"
	why=$("$unzip" -oq "$@" -d "$place/new" 2>&1 </dev/null) || die "failed to unpack $src: $why"
	compare_trees
	if [ "$check" = true ] || [ -z "$differs" ]; then :; elif [ "$keep_newer" = true ]; then
		move_in
		return
	else
		tell "$unzip" -o "$@" -d "$dest"
	fi
	printf '%s\n' "$members" | give_attributes
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
	(cd "$place/new" && find . -mindepth 1 -print | sed 's|^\./||') >"$place/list"
	give_attributes <"$place/list"
}
