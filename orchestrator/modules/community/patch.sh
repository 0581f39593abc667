# A patch applied or taken back. Needs the prelude and files. Values: src place (where an uploaded patch is) dest_given
# folder_given backup state check. The words are options of patch(1), which looking and applying share.

make_place() {
	place=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/.orch.XXXXXX") || die 'mktemp: no scratch directory'
	say place "$place"
}

patch_main() {
	[ -z "$place" ] || trap 'rm -rf "$place"' EXIT
	expand "$src"
	case $path in /*) ;; *) path=$PWD/$path ;; esac
	[ -z "$place" ] || path=$place/patch
	[ -r "$path" ] || die "src $path doesn't exist or not readable"
	input=$path
	dest=''
	if [ -n "$dest_given" ]; then
		expand "$dest_given"
		dest=$path
		[ -w "$dest" ] || die "dest $dest doesn't exist or not writable"
	fi
	expand "$folder_given"
	base=${path:-.}
	[ -e "$base" ] || die "basedir $base doesn't exist"
	command -v patch >/dev/null || die 'patch command not found'
	set -- "$@" "--directory=$base" "--input=$input"
	is_there "$@" && return 0
	say changed true
	set -- "$@" --quiet --forward --batch --reject-file=-
	[ "$check" = false ] || set -- "$@" --dry-run
	[ "$backup" = false ] || set -- "$@" --backup --version-control=numbered
	[ "$state" = present ] || set -- "$@" --reverse
	why=$(patch "$@" ${dest:+"$dest"} 2>&1 </dev/null) || die "$why"
}

# is_there WORD…: whether all is so already: the patch could be taken back, or where it is not wanted, applied
is_there() {
	[ "$state" = absent ] || set -- "$@" --reverse
	patch "$@" --quiet --forward --dry-run ${dest:+"$dest"} >/dev/null 2>&1 </dev/null
}
