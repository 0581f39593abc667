# One file decompressed. Needs the prelude and files. Values: src dest_given format remove mode owner group check.

decompress_main() {
	expand "$src"
	src=$path
	expand "$dest_given"
	dest=$path
	if [ ! -e "$src" ]; then
		[ "$remove" = true ] && [ -e "$dest" ] || die "Path does not exist: '$src'"
		return 0
	fi
	[ ! -d "$src" ] || die "Cannot decompress directory '$src'"
	[ ! -d "$dest" ] || die "Destination is a directory, cannot decompress: '$dest'"
	say dest "$dest"
	folder "$dest"
	[ "$check" = false ] || dir=${TMPDIR:-/tmp}
	new=$(mktemp "$dir/.orch.XXXXXX" 2>&1) || die "Unable to create temporary file '$new'"
	trap 'rm -f "$new"' EXIT
	case $format in gz) unpacker=gzip ;; bz2) unpacker=bzip2 ;; *) unpacker=xz ;; esac
	command -v "$unpacker" >/dev/null || die "$unpacker is not on this node"
	why=$("$unpacker" -dc <"$src" 2>&1 >"$new") || die "$unpacker: $why"
	put_in_place
	[ "$remove" = false ] || [ "$check" = true ] || rm -f -- "$src" || die "could not remove $src"
	attributes "$dest"
	say_stat "$dest"
}

put_in_place() {
	cmp -s "$new" "$dest" && return
	say changed true
	[ "$check" = false ] || return 0
	if [ -e "$dest" ]; then
		stat_of "$dest"
		kept=$s_mode
	else
		kept=$(printf '%o' $((0666 & ~0$(umask))))
	fi
	{ chmod "$kept" "$new" && mv -f "$new" "$dest"; } || die "Unable to move temporary file '$new' to '$dest'"
}
