# A tree as it should be, compared with what is there. Needs the prelude, files and content.
#
# Values: root manifest force directory_mode mode owner group check. A line of the manifest is KIND|WHAT|NAME: d for a
# directory, l for a link (WHAT: its target), f for a file (WHAT: its SHA-1, and behind a blank the mode where each has its own). Directories and links are made here;
# a file that differs is only said: `differs NAME`.

look_tree() {
	expand "$root"
	root=$path
	say root "$root"
	tree_folder "$root"
	IFS='
'
	set -f
	# shellcheck disable=SC2086 # split at the line ends
	set -- $manifest
	set +f
	unset IFS
	for entry; do
		rest=${entry#?|}
		what=${rest%%|*}
		name=${rest#*|}
		case $entry in
		d*) tree_folder "$root/$name" ;;
		l*) tree_link "$root/$name" "$what" ;;
		f*) tree_file "$root/$name" "$what" "$name" ;;
		esac
	done
}

tree_folder() {
	if [ ! -d "$1" ]; then
		say changed true
		[ "$check" = true ] || make_directories "$1"
		return
	fi
	here=$mode
	mode=$directory_mode
	attributes "$1"
	mode=$here
}

tree_link() {
	[ ! -L "$1" ] || [ "$(readlink "$1")" != "$2" ] || return 0
	say changed true
	[ "$check" = true ] || why=$(ln -sfn -- "$2" "$1" 2>&1) || die "ln -s $2 $1: $why"
}

tree_file() {
	if [ -e "$1" ]; then
		[ "$force" = true ] || return 0
		if [ -f "$1" ] && [ ! -L "$1" ]; then
			checksum sha1 "$1"
			if [ "$sum" = "${2%% *}" ]; then
				here=$mode
				case $2 in *' '*) mode=${2#* } ;; esac
				attributes "$1"
				mode=$here
				return
			fi
		fi
	fi
	say differs "$3"
}
