# One object of the file system: what it is, and its attributes. Needs the prelude and files.
#
# Values: path_given state src recurse force follow mode owner group mtime atime (preserve, now or CCYYMMDDhhmm.SS) check diff.
# Said: path, state, before (the state that was), changed, attribute…, folders and others (in a directory that goes), warning…, stat.

# state_of PATH: sets `seen_state`, Ansible's word for what is there; a file of several names is hard
state_of() {
	stat_of "$1"
	seen_state=$s_kind
	case $s_kind in
	file) [ "$s_links" -le 1 ] || seen_state=hard ;;
	fifo | socket | block | char) seen_state='file' ;;
	esac
}

file_main() {
	[ -z "$src" ] || { expand "$src" && src=$path; }
	expand "$path_given"
	target=$path
	into_directory
	state_of "$target"
	before=$seen_state
	case $state:$before:$recurse in
	:absent:true) state=directory ;;
	:absent:*) state='file' ;;
	:*) state=$before ;;
	esac
	say state "$state"
	[ "$recurse" = false ] || [ "$state" = directory ] || die "recurse option requires state to be 'directory'"
	case $src:$state in
	'':* | *:link | *:hard) ;;
	*) die "src option requires state to be 'link' or 'hard'" ;;
	esac
	bring_about
	say path "$target"
	say before "$before"
	[ ! -e "$target" ] || say_stat "$target"
}

# refuse MESSAGE: ends the program, and tells what is there
refuse() {
	say path "$target"
	[ ! -e "$target" ] || say_stat "$target"
	die "$1"
}

# into_directory: an object that bears src's name goes into a directory that is there; links may replace it
into_directory() {
	case $state:$src in link:* | absent:* | *:) return ;; esac
	[ -d "$target" ] || return 0
	target=${target%/}/${src##*/}
}

bring_about() {
	case $state in
	absent) be_absent ;;
	directory) be_directory ;;
	file) be_file ;;
	hard) if [ -z "$src" ] && [ "$before" = hard ]; then be_file; else be_hard; fi ;;
	link) be_link ;;
	touch) be_touched ;;
	esac
}

# numbered WHY: prints why a system call failed, by what a tool says of it at its end, as Python tells it
numbered() {
	case $1 in
	*'Not a directory') printf '[Errno 20] ' ;;
	*'Permission denied') printf '[Errno 13] ' ;;
	*'No such file or directory') printf '[Errno 2] ' ;;
	esac
	printf '%s' "${1##*: }"
}

# link_up FLAGS: makes the link at $target, whatever kind FLAGS ask of ln(1)
link_up() {
	say changed true
	[ "$check" = false ] || return 0
	s_of=''
	why=$(LC_ALL=C ln ${1:+"$1"} -- "$src" "$target" 2>&1) || refuse "Error while linking: $(numbered "$why"): b'$src' -> b'$target'"
}

# act COMMAND…: says that something changes, and runs COMMAND unless in check mode
act() {
	say changed true
	[ "$check" = false ] || return 0
	s_of=''
	why=$("$@" 2>&1) || die "$1: $why"
}

follow_if_asked() {
	[ "$follow" = true ] && [ "$before" = link ] || return 0
	follow_link "$target"
	target=$path
	state_of "$target"
	before=$seen_state
}

be_absent() {
	case $before in
	absent) return 0 ;;
	directory)
		if [ "$diff" = true ]; then
			say folders "$(find "$target" -type d)"
			say links "$(find "$target" -type l -exec test -d {} \; -print)"
			say others "$(find "$target" ! -type d ! \( -type l -exec test -d {} \; \) -print)"
		fi
		act rm -rf -- "$target"
		;;
	*)
		say changed true
		[ "$check" = true ] || why=$(rm -f -- "$target" 2>&1) || {
			say reason "$why"
			refuse 'Unlinking failed.'
		}
		;;
	esac
}

be_file() {
	follow_if_asked
	case $before in
	file | hard) finish "$target" ;;
	*)
		say state "$before"
		refuse "file ($target) is $before, cannot continue"
		;;
	esac
}

be_directory() {
	follow_if_asked
	case $before in
	absent) make_folders ;;
	directory)
		finish "$target"
		[ "$recurse" = false ] || below "$target"
		;;
	*) refuse "$target already exists as a $before" ;;
	esac
}

# make_folders: each missing directory on the way to $target, with the attributes asked for
make_folders() {
	say changed true
	[ "$check" = false ] || {
		forewarn
		return 0
	}
	way=''
	left=$target/
	while [ -n "$left" ]; do
		way=$way${left%%/*}
		left=${left#*/}
		if [ -n "$way" ] && [ ! -e "$way" ]; then
			why=$(LC_ALL=C mkdir -- "$way" 2>&1) || [ -d "$way" ] || refuse "There was an issue creating $way as requested: $(numbered "$why"): b'$way'"
			finish "$way"
		fi
		way=$way/
	done
}

be_link() {
	if [ -z "$src" ] && [ "$follow" = true ] && [ -e "$target" ] && [ "$before" = link ]; then
		src=$(readlink "$target")
	fi
	link_allowed
	if [ "$before" = link ]; then
		old=$(readlink "$target")
		if [ -n "$src" ] && [ "$old" != "$src" ]; then
			say attribute "src|$old|$src"
			link_up -sfn
		fi
	else
		[ -n "$src" ] || die 'src is required for creating new symlinks'
		say linked true
		[ "$before" != directory ] || act rmdir -- "$target"
		[ "$check" = true ] && [ "$before" = directory ] || link_up -sfn
	fi
	say src "$src"
	finish_link
}

# link_allowed: ends the program where a link may not stand at $target
link_allowed() {
	if [ -d "$target" ] && [ ! -L "$target" ]; then dir=$target; else folder "$target"; fi
	case $src in /*) source=$src ;; *) source=$dir/$src ;; esac
	if [ "$force" = false ] && [ -n "$src" ] && [ ! -e "$source" ]; then
		say src "$src"
		refuse "src file does not exist, use 'force=yes' if you really want to create the link: $source"
	fi
	case $before:$force in
	directory:true) [ -z "$(ls -A -- "$target")" ] || refuse "the directory $target is not empty, refusing to convert it" ;;
	directory:* | file:false | hard:false) refuse "refusing to convert from $before to symlink for $target" ;;
	esac
}

# finish_link: attributes of what the link leads to, or of the link itself where it is not to be followed
finish_link() {
	[ -L "$target" ] || return 0
	if [ "$follow" = true ]; then
		[ -e "$target" ] || {
			say warning 'Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this.'
			return 0
		}
		follow_link "$target"
		finish "$path"
	else
		finish "$target"
	fi
}

be_hard() {
	[ -n "$src" ] || die 'src is required for creating new hardlinks'
	say src "$src"
	[ -e "$src" ] || refuse 'src does not exist'
	stat_of "$src"
	source_inode=$s_inode
	state_of "$target"
	if [ "$before" = absent ]; then
		[ "$follow" = false ] || { follow_link "$src" && src=$path; }
		link_up ''
	elif [ "$s_inode" != "$source_inode" ]; then
		case $before:$force in
		link:* | *:true) ;;
		hard:*) refuse 'Cannot link, different hard link exists at destination' ;;
		*) refuse "Cannot link, $before exists at destination" ;;
		esac
		link_up -f
	fi
	[ ! -e "$target" ] || finish "$target"
}

be_touched() {
	if [ "$before" = absent ]; then
		say changed true
		[ "$check" = false ] || {
			forewarn
			return 0
		}
		why=$( (: >"$target") 2>&1) || {
			say reason "${why#*: }"
			refuse 'Error, could not touch target.'
		}
		# a file that cannot be given what it is to have does not stay
		(finish "$target") || { rm -f -- "$target" && exit 1; }
		return
	fi
	follow_if_asked
	finish "$target"
}

# forewarn: says which of the names that nothing can be given to yet are unknown
forewarn() {
	[ -z "$owner" ] || user_number "$owner" || say warning "failed to look up user $owner. Create user up to this point in real play"
	[ -z "$group" ] || group_number "$group" || say warning "failed to look up group $group. Create group up to this point in real play"
}

# finish PATH: mode, owner, group and times
finish() {
	attributes "$1"
	stamp m mtime "$mtime" "$1"
	stamp a atime "$atime" "$1"
}

# stamp LETTER NAME WANTED PATH: sets one of the two times; a date is tried out on a file of our own, since no two date(1) agree
stamp() {
	[ "$3" != preserve ] || return 0
	stat_still "$4"
	[ "$s_kind" != absent ] || return 0
	case $1 in m) seen_time=$s_mtime ;; *) seen_time=$s_atime ;; esac
	if [ "$3" = now ]; then
		say attribute "$2|$seen_time|now"
		change "$4" touch touch -c "-$1"
		return
	fi
	scratch=$(mktemp "${TMPDIR:-/tmp}/.orch.XXXXXX") || die 'mktemp: no scratch file'
	why=$(touch -t "$3" "$scratch" 2>&1) && stat_of "$scratch"
	rm -f "$scratch"
	[ -z "$why" ] || die "touch -t $3: $why"
	[ "$seen_time" != "$s_mtime" ] || return 0
	say attribute "$2|$seen_time|$s_mtime"
	change "$4" touch touch -c "-$1" -t "$3"
}

# below DIRECTORY: the attributes of all that is in it; what links lead to as well where links are followed
below() {
	walk=-P
	own "$1"
	if [ "$follow" = true ]; then
		walk=-L
		own "$1" ! -type l
	fi
	case $mode in
	'') ;;
	*[!0-7]*) below_symbolic "$1" ;;
	*) wanted_mode && each "$1" "0$want" chmod ! -type l ! -perm "$want" ;;
	esac
}

# own DIRECTORY PREDICATE…: owner and group of everything in it that fits the predicate, links themselves too
own() {
	top=$1
	shift
	[ -z "$owner" ] || each "$top" "$owner" chown "$@" ! -user "$owner"
	[ -z "$group" ] || each "$top" "$group" chgrp "$@" ! -group "$group"
}

# each DIRECTORY VALUE COMMAND PREDICATE…: gives VALUE to everything in DIRECTORY that fits the predicate of find(1)
each() {
	top=$1 value=$2 tool=$3 flag=-h
	[ "$tool" != chmod ] || flag=''
	shift 3
	found=$(find "$walk" "$top" "$@" -print 2>&1) || die "find $top: $found"
	[ -n "$found" ] || return 0
	say changed true
	[ "$check" = false ] || return 0
	s_of=''
	why=$(find "$walk" "$top" "$@" -exec "$tool" ${flag:+"$flag"} "$value" {} + 2>&1) || die "$tool failed: $why"
}

# below_symbolic DIRECTORY: each kind and mode that occurs is tried once
below_symbolic() {
	stat_of "$1"
	top=$1
	case $stat_style in gnu) set -- -c 0x%f ;; *) set -- -f 0%p ;; esac
	[ "$walk" = -P ] || set -- -L "$@"
	kinds=$(find "$walk" "$top" ! -type l -exec stat "$@" {} + | sort -u) || die "find $top: exit $?"
	for bits in $kinds; do
		s_bits=$((bits)) s_kind=file
		[ $((s_bits / 4096)) -ne 4 ] || s_kind=directory
		s_mode=$((s_bits / 512 % 8))$((s_bits / 64 % 8))$((s_bits / 8 % 8))$((s_bits % 8))
		seen_mode=$s_mode
		wanted_mode
		[ "$want" = "$seen_mode" ] || break
	done
	[ "$want" != "$seen_mode" ] || return 0
	say changed true
	[ "$check" = false ] || return 0
	s_of=''
	why=$(find "$walk" "$top" ! -type l -exec chmod -- "$mode" {} + 2>&1) || die "chmod failed: $why"
}
