# Files packed. Needs the prelude and files. Values: dest_given format exclude_paths patterns (a line each) force_archive
# remove mode owner group check. The words are the paths.

archive_main() {
	place=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/.orch.XXXXXX") || die 'mktemp: no scratch directory'
	trap 'rm -rf "$place"' EXIT
	expand_all "$@"
	leave_out
	[ -s "$place/paths" ] || die "Error, no source paths were found: $*"
	common_root
	name_dest
	say dest "$dest"
	say root "$root"
	if [ -z "$some" ]; then
		settle_nothing
		return
	fi
	folder "$dest"
	[ -d "$dir" ] || die "Error, the directory of the archive does not exist: $dir"
	list_members
	pack
	compare_packed
	settle_archive
}

# settle_nothing: none of the paths is there, so an archive that is there stays what it is
settle_nothing() {
	if [ ! -e "$dest" ]; then
		say dest_state absent
		return
	fi
	case $dest in
	*.tar | *.tar.gz | *.tar.bz2 | *.tar.xz | *.tgz | *.tbz2 | *.zip) say dest_state archive ;;
	*) say dest_state compress ;;
	esac
	attributes "$dest"
	say_stat "$dest"
}

# expand_all PATH…: the paths, and those that globs mean, a line each in $place/paths; `some` where one is there, `globbed`
# where one of them is a glob
expand_all() {
	: >"$place/paths"
	some='' globbed=''
	for word; do
		expand "$word"
		pattern=$path
		found=''
		case $pattern in
		*[*?[]*) ;;
		*)
			printf '%s\n' "$path" >>"$place/paths"
			say expanded "$path"
			if exists "$path"; then some=true; else say missing "$path"; fi
			continue
			;;
		esac
		globbed=true
		IFS=''
		# shellcheck disable=SC2086 # a glob is meant
		for path in $pattern; do
			exists "$path" || continue
			found=true
			some=true
			printf '%s\n' "$path" >>"$place/paths"
			say expanded "$path"
		done
		unset IFS
		[ -n "$found" ] || say missing "$pattern"
	done
}

# leave_out: tells the excluded paths, as they are meant; those that were asked for themselves are not in $place/paths any more
leave_out() {
	IFS=$nl
	for pattern in $exclude_paths; do
		expand "$pattern"
		# shellcheck disable=SC2086 # a glob is meant
		for path in $path; do
			say left_out "$path"
			printf '%s\n' "$path" >>"$place/left_out"
		done
	done
	unset IFS
	[ -e "$place/left_out" ] || return 0
	grep -Fxv -f "$place/left_out" "$place/paths" >"$place/kept"
	mv "$place/kept" "$place/paths"
}

# common_root: sets `root` to the directory, with a slash at its end, that holds all paths; `lone` to a single file that was
# asked for by its name, `single` where that is compressed as it is
common_root() {
	root='' lone='' single=''
	while IFS= read -r path; do
		folder "$path"
		dir=${dir%/}/
		[ -n "$root" ] || root=$dir
		while :; do
			case $dir in "$root"*) break ;; esac
			root=${root%/}
			root=${root%/*}/
		done
	done <"$place/paths"
	IFS= read -r path <"$place/paths"
	[ "$(wc -l <"$place/paths")" -eq 1 ] && [ ! -d "$path" ] && [ -z "$globbed" ] && [ "$force_archive" = false ] || return 0
	lone=$path
	case $format in zip | tar) ;; *) [ ! -f "$lone" ] || single=$lone ;; esac
}

name_dest() {
	if [ -n "$dest_given" ]; then
		expand "$dest_given"
		dest=$path
	elif [ -z "$lone" ]; then
		die 'Error, must specify "dest" when archiving multiple files or trees'
	else
		dest=${lone%/}.$format
	fi
}

# list_members: the names below $root of all that is packed, in $place/members: of a directory what is in it
list_members() {
	LC_ALL=C sort -u "$place/paths" | while IFS= read -r given; do
		if [ -d "$given" ]; then walk "${given%/}"; elif exists "$given"; then printf '%s\n' "$given"; fi
	done | awk '!seen[$0]++' | while IFS= read -r object; do
		[ "$object" = "$dest" ] || excluded "$object" || printf '%s\n' "${object#"$root"}"
	done >"$place/members"
	while IFS= read -r member; do say archived "$root$member"; done <"$place/members"
}

# walk DIRECTORY: what is in it as Python's os.walk goes: its directories as they lie there, its other files, and then
# what is in each of those directories. A link to a directory is listed with them, and not walked.
walk() {
	while [ $# -gt 0 ]; do
		at=$1
		shift
		folders='' others=''
		IFS=$nl
		set -f
		# shellcheck disable=SC2045 # as they lie there: a glob would sort them
		for name in $(ls -f -- "$at"); do
			case $name in . | ..) continue ;; esac
			if [ -d "$at/$name" ]; then folders=$folders$at/$name$nl; else others=$others$at/$name$nl; fi
		done
		printf '%s%s' "$folders" "$others"
		more=''
		for name in $folders; do [ -L "$name" ] || more=$more$name$nl; done
		# shellcheck disable=SC2086 # a name a line
		set -- $more "$@"
		set +f
		unset IFS
	done
}

# excluded PATH: true if one of the patterns fits it: of a zip file the whole path, else that in the archive
excluded() {
	tried=$1
	[ "$format" = zip ] || tried=${1#"$root"}
	IFS=$nl
	set -f
	hit=''
	for pattern in $patterns; do
		# shellcheck disable=SC2254 # a glob is meant
		case $tried in $pattern) hit=true && break ;; esac
	done
	set +f
	unset IFS
	[ -n "$hit" ]
}

pack() {
	new=$place/new
	if [ -n "$single" ]; then
		squeeze <"$single" >"$new" || die "could not compress $single: exit $?"
	elif [ "$format" = zip ]; then
		command -v zip >/dev/null || die 'zip is not on this node'
		why=$(cd "$root" && zip -q -X "$new.zip" -@ <"$place/members" 2>&1) || die "zip: $why"
		mv "$new.zip" "$new"
	else
		# without it macOS's tar adds ._ files for extended attributes
		COPYFILE_DISABLE=1
		export COPYFILE_DISABLE
		why=$(tar -cf "$new.tar" -C "$root" --no-recursion -T "$place/members" 2>&1) || die "tar: $why"
		squeeze <"$new.tar" >"$new" || die "could not compress the archive: exit $?"
	fi
}

squeeze() {
	case $format in
	gz) gzip -n -c ;;
	bz2) bzip2 -c ;;
	xz) command -v xz >/dev/null || die 'xz is not on this node'
		xz -c ;;
	*) cat ;;
	esac
}

unsqueeze() {
	case $format in
	gz) gzip -dc ;; bz2) bzip2 -dc ;; xz) xz -dc ;; *) cat ;;
	esac
}

# digest_of FILE: one line that says what is in an archive, its compression left aside; empty for what is none
digest_of() {
	[ -f "$1" ] || return 0
	if [ "$format" = zip ]; then
		unzip -v "$1" 2>/dev/null | sed '1,3d;$d' | awk '{ print $1, $5, $6, $7, $8, $9 }' | cksum
	elif [ -n "$single" ]; then
		unsqueeze <"$1" 2>/dev/null | cksum
	else
		# what is listed and what is in the files: headers may hold times of access
		{ unsqueeze <"$1" | tar -tvf - && unsqueeze <"$1" | tar -xOf -; } 2>/dev/null | cksum
	fi
}

compare_packed() {
	was=$(digest_of "$dest")
	is=$(digest_of "$new")
	reached='archive'
	while IFS= read -r given; do exists "$given" || reached='incomplete'; done <"$place/paths"
	[ -z "$single" ] || reached='compress'
	say dest_state "$reached"
	[ "$was" != "$is" ] || return 0
	say changed true
	say was "${was:+content $was}"
	say 'is' "content $is"
	[ "$check" = false ] || return 0
	folder "$dest"
	beside=$(mktemp "$dir/.orch.XXXXXX" 2>&1) || die "$dir is not writable: $beside"
	{ cat <"$new" >"$beside" && chmod "$(printf '%o' $((0666 & ~0$(umask))))" "$beside" && mv -f "$beside" "$dest"; } ||
		die "could not write $dest"
}

settle_archive() {
	attributes "$dest"
	[ "$check" = true ] || say_stat "$dest"
	[ "$remove" = true ] || return 0
	while IFS= read -r given; do
		exists "$given" || continue
		[ -d "$given" ] || ! excluded "$given" || continue
		say changed true
		[ "$check" = true ] || rm -rf -- "$given" || die "could not remove $given"
	done <"$place/paths"
}
