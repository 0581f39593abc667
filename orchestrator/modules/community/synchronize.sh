# What a directory has too much. Needs the prelude and files. Values: root kept (names below it, a line each) check.

remove_others() {
	expand "$root"
	root=$path
	[ -d "$root" ] || return 0
	case $root in / | "$HOME") die "delete: $root is not a directory of its own" ;; esac
	found=$(cd -- "$root" && find . -mindepth 1 -print | sed 's|^\./||' | LC_ALL=C sort) || die "could not list $root"
	extra=$(printf '%s\n\f\n%s\n' "$kept" "$found" | awk '
		$0 == "\f" { listing = 1; next }
		!listing { have[$0] = 1; next }
		$0 != "" && !($0 in have)')
	IFS=$nl
	set -f
	for name in $extra; do
		say removed "$name"
		[ "$check" = true ] || rm -rf -- "${root:?}/$name" || die "could not remove $root/$name"
	done
	set +f
	unset IFS
}
