# The directories of a deployment. Needs the prelude and files.
#
# Values: path_given releases_path shared_path current_path release keep clean unfinished state mode owner group check.

deploy_main() {
	expand "$path_given"
	project=$path
	below "$releases_path" && releases=$path
	below "$current_path" && current=$path
	say project "$project"
	if exists "$current"; then say previous "$(real_path "$current")"; fi
	case $state in
	present | query)
		[ -n "$release" ] || release=$(date +%Y%m%d%H%M%S)
		say release "$release"
		[ "$state" = query ] || make_places
		;;
	finalize)
		drop "$releases/$release/$unfinished"
		link_release "$releases/$release"
		[ "$clean" = false ] || clear_up
		;;
	clean) clear_up ;;
	absent) drop_folder "$project" ;;
	esac
}

# below PATH: sets `path` to PATH, below the project where it does not begin at the root
below() {
	case $1 in
	/*) path=$1 ;;
	*) path=${project%/}/$1 ;;
	esac
}

# real_path PATH: where it leads to in the end; a dangling end is fine
real_path() {
	follow_link "$1"
	folder "$path"
	dir=$(cd -- "$dir" 2>/dev/null && pwd -P) && path=${dir%/}/${path##*/}
	printf '%s' "$path"
}

act() {
	say changed true
	[ "$check" = false ] || return 0
	why=$("$@" 2>&1) || die "$1: $why"
}

make_places() {
	if exists "$current" && [ ! -L "$current" ]; then die "$current exists but is not a symbolic link"; fi
	make_folder "$project"
	make_folder "$releases"
	[ -z "$shared_path" ] || { below "$shared_path" && make_folder "$path"; }
}

make_folder() {
	place=$1
	if ! exists "$place"; then
		act mkdir -p "$place"
	elif [ ! -d "$place" ]; then
		die "$place exists but is not a directory"
	fi
	attributes "$place"
}

drop() {
	if exists "$1"; then act rm -f -- "$1"; fi
}

drop_folder() {
	exists "$1" || return 0
	[ -d "$1" ] || die "$1 exists but is not a directory"
	act rm -rf -- "$1"
}

# link_release PATH: the link to the current release leads there; replaced in one step where it led elsewhere
link_release() {
	if [ ! -L "$current" ]; then
		act ln -s "$1" "$current"
		return
	fi
	[ "$(real_path "$current")" != "$(real_path "$1")" ] || return 0
	[ "$check" = true ] || exists "$1" || die "the symlink target $1 doesn't exists"
	act replace_link "$1"
}

replace_link() {
	rm -f "$current.$unfinished"
	# the link as a whole is renamed: mv would follow the one that leads to a directory
	ln -s "$1" "$current.$unfinished" && { mv -fT "$current.$unfinished" "$current" 2>/dev/null || mv -fh "$current.$unfinished" "$current"; }
}

# clear_up: what was left unfinished goes, and old releases but the last ones, by when they changed; never the current
clear_up() {
	left=${project%/}/$release.$unfinished
	[ -z "$release" ] || [ "$check" = true ] || [ ! -e "$left" ] || act rm -f "$left"
	for place in "$releases"/* "$releases"/.[!.]*; do
		[ ! -f "$place/$unfinished" ] || drop_folder "$place"
	done
	releases_by_age | tail -n "+$((keep + 1))" | while IFS= read -r old; do drop_folder "$releases/$old"; done
}

# releases_by_age: the names of all releases but this one, newest first
releases_by_age() {
	(cd "$releases" && LC_ALL=C ls -1Atc) | while IFS= read -r each; do
		[ ! -d "$releases/$each" ] || [ "$each" = "$release" ] || printf '%s\n' "$each"
	done
}
