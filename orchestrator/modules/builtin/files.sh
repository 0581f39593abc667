# What every module that touches files shares. Needs the prelude.
#
# Mode, owner and group come as $mode, $owner and $group (empty: leave it); `check` is true or false.
# GNU and BSD stat differ in every flag: the first call finds out which one is here.

gnu_stat='0x%f|%u|%g|%s|%.9X|%.9Y|%.9Z|0|%i|%h|%d|%b|%U|%G'
bsd_stat='0%p|%u|%g|%z|%a|%m|%c|%B|%i|%l|%d|%b|%Su|%Sg'
stat_style=''
s_of=''
quiet=''
refused='' puts_off=''

# with_words FUNCTION: calls FUNCTION with the words in $words, which $separator separates. One word more stands at the
# end, since shells differ about an empty last one.
with_words() {
	called=$1
	IFS=$separator
	set -f
	# shellcheck disable=SC2086 # split at the separator, and nowhere else
	set -- $words
	set +f
	unset IFS
	count=$#
	while [ "$count" -gt 1 ]; do
		set -- "$@" "$1"
		shift
		count=$((count - 1))
	done
	shift
	"$called" "$@"
}

# expand PATH: sets `path` with $NAME and ${NAME} from the environment, and then a leading ~, put in full.
# A name that is not in the environment stays as it is written.
expand() {
	path=$1
	case $1 in *'$'*) expand_names "$1" ;; esac
	home_path "$path"
}

expand_names() {
	rest=$1
	path=''
	while :; do
		case $rest in *'$'*) ;; *) break ;; esac
		path=$path${rest%%'$'*}
		rest=${rest#*'$'}
		tail=''
		case $rest in
		'{'*'}'*) word=${rest#'{'} word=${word%%'}'*} tail=${rest#*'}'} written="\${$word}" ;;
		*) word=${rest%%[!A-Za-z0-9_]*} tail=${rest#"$word"} written="\$$word" ;;
		esac
		case $word in
		'' | *[!A-Za-z0-9_]*) path=$path\$ ;;
		*) rest=$tail path=$path$(exported "$word" || printf '%s' "$written") ;;
		esac
	done
	path=$path$rest
}

# exported NAME: the value of a variable of the environment; fails where there is none
exported() {
	awk 'BEGIN { if (!(ARGV[1] in ENVIRON)) exit 1; printf "%s", ENVIRON[ARGV[1]] }' "$1"
}

# folder PATH: sets `dir` to the directory that holds PATH
folder() {
	case $1 in
	*/*) dir=${1%/*} dir=${dir:-/} ;;
	*) dir=. ;;
	esac
}

# exists PATH: true for anything there, a dangling link too; dies where looking is not permitted
exists() {
	[ -e "$1" ] || [ -L "$1" ] && return
	folder "$1"
	[ -d "$dir" ] && [ -x "$dir" ] && return 1
	why=$(LC_ALL=C ls -d -- "$1" 2>&1) && return
	case $why in
	*'ermission denied'* | *'not permitted'*) die "not permitted to look at $1: $why" ;;
	esac
	return 1
}

# follow_link PATH: sets `path` to what PATH leads to, link by link; a dangling end is fine
follow_link() {
	trace_link "$1" || die "too many levels of symbolic links: $1"
}

# trace_link PATH: as follow_link, but fails where links lead to one another, `path` being one of them
trace_link() {
	path=$1
	left=40
	while [ -L "$path" ]; do
		[ "$left" -gt 0 ] || return
		left=$((left - 1))
		next=$(readlink "$path") || die "readlink $path: exit $?"
		folder "$path"
		case $next in
		/*) path=$next ;;
		*) path=$dir/$next ;;
		esac
	done
}

# stat_says GNU BSD ARG…: sets `line` to what stat(1) says of ARG… in the format that it knows. Which stat is here is noted
# in the spool for later programs; a wrong note costs a try and no more, since neither takes the other's flags.
stat_says() {
	gnu_format=$1 bsd_format=$2
	shift 2
	if [ "$stat_style" = bsd ] || [ -e "${orch_spool:-/nonexistent}/bsd" ]; then
		stat_bsd "$@" || { [ -z "$stat_style" ] && stat_gnu "$@"; }
	else
		stat_gnu "$@" || { [ -z "$stat_style" ] && stat_bsd "$@"; }
	fi
}

stat_gnu() {
	line=$(LC_ALL=C stat -c "$gnu_format" "$@" 2>&1) && stat_style=gnu
}

stat_bsd() {
	line=$(LC_ALL=C stat -t '%Y-%m-%d %H:%M:%S' -f "$bsd_format" "$@" 2>&1) || return
	stat_style=bsd
	[ -z "${orch_spool-}" ] || true 2>/dev/null >"$orch_spool/bsd"
}

# stat_of PATH [-L]: sets s_kind (absent file directory link fifo socket block char) and, where there is
# something: s_bits s_mode (four octal digits) s_uid s_gid s_size s_atime s_mtime s_inode s_links s_user s_group, and
# s_line with all fields. With -L links are followed and a dangling one is absent.
stat_of() {
	s_kind=absent s_mode='' s_line='' s_of=''
	exists "$1" || return 0
	[ -z "$2" ] || [ -e "$1" ] || return 0
	stat_says "$gnu_stat" "$bsd_stat" ${2:+-L} -- "$1" || die "stat $1: $line"
	seen_at=${2-}:$1
	IFS='|'
	set -f
	# shellcheck disable=SC2086 # split at the bars
	set -- $line
	set +f
	unset IFS
	s_bits=$(($1))
	shift
	s_line="$s_bits|$1|$2|$3|$4|$5|$6|$7|$8|$9"
	s_uid=$1 s_gid=$2 s_size=$3 s_atime=$4 s_mtime=$5 s_inode=$8 s_links=$9
	shift 9
	s_line="$s_line|$1|$2|$3|$4"
	s_user=$3 s_group=$4
	s_mode=$((s_bits / 512 % 8))$((s_bits / 64 % 8))$((s_bits / 8 % 8))$((s_bits % 8))
	case $((s_bits / 4096)) in
	1) s_kind=fifo ;; 2) s_kind=char ;; 4) s_kind=directory ;; 6) s_kind=block ;;
	10) s_kind='link' ;; 12) s_kind=socket ;; *) s_kind='file' ;;
	esac
	s_of=$seen_at
}

# stat_still PATH [-L]: as stat_of; what was seen last counts, unless something was changed since: then $s_of is empty
stat_still() {
	[ "$s_of" = "${2-}:$1" ] || stat_of "$@"
}

# say_stat PATH [-L]: records what is there as `stat`, empty where there is nothing
say_stat() {
	stat_still "$@"
	say stat "$s_line"
}

# checksum ALGORITHM FILE: sets `sum`; ALGORITHM is md5 sha1 sha224 sha256 sha384 sha512. Older Macs have no sha1sum, and their
# shasum is a program in perl, which took four times what openssl did (on Debian 12).
checksum() {
	if command -v "${1}sum" >/dev/null; then
		sum=$("${1}sum" <"$2")
	else
		sum=$(openssl dgst -r "-$1" <"$2" 2>/dev/null) || sum=$(shasum -a "${1#sha}" <"$2")
	fi || die "cannot compute the $1 checksum of $2"
	sum=${sum%% *}
}

# wanted_mode: sets `want` to what $mode makes of an object with s_kind and s_mode, as four octal digits.
# Symbolic modes are tried out on an object of our own, so that chmod itself says what they mean here.
wanted_mode() {
	case $mode in
	*[!0-7]*) symbolic_mode ;;
	*)
		want=$((0$mode))
		want=$((want / 512 % 8))$((want / 64 % 8))$((want / 8 % 8))$((want % 8))
		;;
	esac
}

symbolic_mode() {
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/.orch.XXXXXX") || die 'mktemp: no scratch directory'
	if [ "$s_kind" = directory ]; then mkdir "$scratch/it"; else : >"$scratch/it"; fi
	case $mode in
	*[ugoa]a* | *a[ugoa]*) want='' ;; # chmod(1) knows `a` beside other letters, Ansible does not
	*) want=$(chmod "0$s_mode" "$scratch/it" && chmod -- "$mode" "$scratch/it" 2>&1 && stat_of "$scratch/it" && printf '%s' "$s_mode") ;;
	esac
	chmod 700 "$scratch/it" && rm -rf "$scratch"
	case $want in
	[0-7][0-7][0-7][0-7]) ;;
	*)
		say details "bad symbolic permission for mode: $mode"
		refuse 'mode must be in octal or symbolic form'
		;;
	esac
}

# attributes PATH: gives PATH the $mode, $owner, $group and $flags that are asked for; a link itself, never what it leads
# to. Says `attribute NAME|BEFORE|AFTER` for each that differs (unless $quiet); does nothing more in check mode.
attributes() {
	[ -n "$mode$owner$group${flags-}" ] || return 0
	stat_still "$1"
	[ "$s_kind" != absent ] || return 0
	if [ -n "$owner" ] && [ "$owner" != "$s_user" ] && [ "$owner" != "$s_uid" ]; then
		user_number "$owner" || refuse "chown failed: failed to look up user $owner" || return 0
		note "owner|$s_uid|$number"
		change "$1" 'chown failed' chown -h "$owner" || return 0
	fi
	if [ -n "$group" ] && [ "$group" != "$s_group" ] && [ "$group" != "$s_gid" ]; then
		group_number "$group" || refuse "chgrp failed: failed to look up group $group" || return 0
		note "group|$s_gid|$number"
		change "$1" 'chgrp failed' chgrp -h "$group" || return 0
	fi
	[ "$s_kind" != link ] || return 0
	[ -z "$mode" ] || give_mode "$1" || return 0
	[ -z "${flags-}" ] || give_flags "$1"
}

# refuse WHY: dies, or fails and has WHY in `refused`, where what is refused is told behind what can be done ($puts_off)
refuse() {
	[ "$puts_off" = true ] || die "$1"
	refused=$1
	return 1
}

give_mode() {
	wanted_mode || return
	[ "$want" != "$s_mode" ] || return 0
	note "mode|$s_mode|$want"
	# five digits: GNU chmod clears setuid and setgid of a directory only then
	change "$1" 'chmod failed' chmod "0$want"
}

# give_flags PATH: the flags of chattr(1); that some are taken away is always a change, as with Ansible
give_flags() {
	command -v chattr >/dev/null || die 'there is no chattr(1) here; on macOS a command task with chflags(1) sets flags'
	had=$(lsattr -d -- "$1" 2>/dev/null | sed 's/ .*//; s/-//g')
	case $flags in [+-]* | =*) bare=${flags#?} how=${flags%"${flags#?}"} ;; *) bare=$flags how='=' ;; esac
	[ "$how" = - ] || [ "$had" != "$bare" ] || return 0
	note "attributes|$had|$how$bare"
	change "$1" 'chattr failed' chattr "$how$bare"
}

# user_number NAME: sets `number` to a user's number; a number stands for itself
user_number() {
	number=$1
	case $1 in *[!0-9]*) number=$(id -u -- "$1" 2>/dev/null) ;; esac
}

# group_number NAME: the same for a group; macOS has no getent(1), but its directory service
group_number() {
	number=$1
	case $1 in *[!0-9]*) ;; *) return 0 ;; esac
	if command -v getent >/dev/null; then
		number=$(getent group "$1") && number=${number#*:*:} && number=${number%%:*}
	else
		number=$(dscl /Search -read "/Groups/$1" PrimaryGroupID 2>/dev/null) && number=${number##* }
	fi
}

note() {
	[ -n "$quiet" ] || say attribute "$1"
}

# change PATH STORY COMMAND…: runs COMMAND on PATH unless in check mode
change() {
	[ "$check" = false ] || return 0
	changed_path=$1 story=$2
	shift 2
	s_of=''
	why=$("$@" "$changed_path" 2>&1) || refuse "$story: $why"
}
