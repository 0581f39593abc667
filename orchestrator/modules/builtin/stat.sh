# What can be seen of one object. Needs the prelude and files.
#
# Values: path_given follow get_checksum algorithm get_mime get_attributes.

look() {
	expand "$path_given"
	say path "$path"
	# behind what every module asks for, what only this one tells
	gnu_stat="$gnu_stat|%o|%t|%T" bsd_stat="$bsd_stat|%k|%r|%f|%v"
	if [ "$follow" = true ]; then say_stat "$path" -L; else say_stat "$path"; fi
	if [ "$s_kind" = absent ]; then
		[ ! -L "$path" ] || trace_link "$path" || die 'Too many levels of symbolic links'
		return 0
	fi
	say more "$line"
	if [ "$get_attributes" = true ] && command -v lsattr >/dev/null; then
		say lsattr "$(lsattr -vd -- "$path" 2>/dev/null)"
	fi
	for right in r w x; do case $right in r) [ -r "$path" ] ;; w) [ -w "$path" ] ;; x) [ -x "$path" ] ;; esac && say may "$right"; done
	if [ -L "$path" ] && [ "$s_kind" = link ]; then
		say lnk_target "$(readlink "$path")"
		object=$path
		trace_link "$path" || true # of links that lead to one another there is no other end
		folder "$path"
		# the end of the chain, with the directories on the way in full as well
		end=$(cd -P -- "$dir" 2>/dev/null && pwd) && path=${end%/}/${path##*/}
		say lnk_source "$path"
		path=$object
	fi
	case $s_kind in
	file) [ -r "$path" ] || return 0 ;;
	*)
		say_kind
		return 0
		;;
	esac
	if [ "$get_checksum" = true ]; then
		checksum "$algorithm" "$path"
		say checksum "$sum"
	fi
	[ "$get_mime" = true ] && command -v file >/dev/null || return 0
	say mime "$(file -b --mime -- "$path" 2>/dev/null)"
}

# say_kind: what file(1) says of an object that is no file
say_kind() {
	[ -e "$path" ] || return 0 # of a link that leads nowhere it says nothing
	case $s_kind in link) kind=symlink ;; char | block) kind=${s_kind}device ;; *) kind=$s_kind ;; esac
	say mime "inode/$kind; charset=binary"
}
