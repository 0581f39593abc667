# Content brought to a file: compared first, written beside it, and renamed into place. Needs the prelude and files.
#
# $how says where the content is: `text` in $text, `base64` in $base64, `gzip` in the same and compressed, `upload` in the
# file $uploaded, or `later`: not here yet, only its SHA-1 in $wanted_sum and $size in bytes. $expected (empty: anything): the
# cksum(1) of what must be there still.
# What the file had as extended attributes and ACL is not kept: it is a new file under the old name.

# put WORD…: $dest_given gets the content and the attributes. The words are the validation command, if any.
put() {
	[ "$how" != upload ] || trap 'rm -rf "${uploaded%/*}"' EXIT
	expand "$dest_given"
	dest=$path
	resolve_dest || return 0
	say dest "$dest"
	if ! content_same; then
		say changed true
		[ "$diff" = false ] || show_before
		if [ "$check" = true ]; then
			foretell
			return 0
		fi
		if [ "$how" = later ]; then
			[ "$size" -le 262144 ] || place_upload
			say_unpacks
			say later "$place"
			return 0
		fi
		foretell
		write_content "$@"
	else
		attributes "$dest"
	fi
	say_stat "$dest"
}

# look_content: whether the content is there already. Changes nothing; what it cannot tell is told by put.
look_content() {
	expand "$dest_given"
	dest=$path
	if [ -d "$dest" ] && [ -n "$basename" ]; then dest=${dest%/}/$basename; fi
	if content_same; then
		say same true
	else
		say_unpacks
		say same false
	fi
}

# say_unpacks: whether content may come compressed
say_unpacks() {
	command -v gzip >/dev/null && say unpacks gzip
}

# resolve_dest: what $dest means: a directory to put $basename into (made, if it ends in a slash), a link to follow;
# false where there is nothing more to do
resolve_dest() {
	case $dest in
	*/)
		if [ ! -d "$dest" ]; then
			if [ "$check" = true ]; then
				say changed true
				say dest "$dest$basename"
				return 1
			fi
			make_directories "${dest%/}"
			say changed true
		fi
		;;
	esac
	if [ -d "$dest" ] && [ -n "$basename" ]; then dest=${dest%/}/$basename; fi
	if [ -L "$dest" ] && [ "$follow" = true ]; then
		follow_link "$dest"
		dest=$path
	fi
	[ ! -d "$dest" ] || [ -L "$dest" ] || die 'can not use content with a dir as dest'
	if exists "$dest"; then
		[ "$force" = false ] || return 0
		say dest "$dest"
		say kept true
		return 1
	fi
	folder "$dest"
	[ ! -d "$dir" ] || return 0
	# In check mode an earlier task may only have said that it would make the directory; as in Ansible, that counts for
	# what comes from the control machine alone.
	[ "$make_parents" = true ] || { [ "$check" = true ] && [ -z "${needs_parents-}" ]; } || die "Destination directory $dir does not exist"
	[ "$check" = true ] || make_directories "$dir"
}

# make_directories PATH: with $directory_mode and the owner and group asked for
make_directories() {
	folder "$1"
	[ -d "$dir" ] || (make_directories "$dir") || exit 1
	why=$(mkdir -- "$1" 2>&1) || [ -d "$1" ] || die "could not create the directory $1: $why"
	# shellcheck disable=SC2030
	(mode=$directory_mode quiet=true && attributes "$1") || exit 1
}

# content_same: true if $dest holds the content already
content_same() {
	[ -f "$dest" ] && [ -r "$dest" ] && { [ ! -L "$dest" ] || [ "$follow" = true ]; } || return 1
	case $how in
	text) has_size && { has_text || printf '%s' "$text" | cmp -s - "$dest"; } ;;
	*)
		checksum sha1 "$dest"
		[ "$sum" = "$wanted_sum" ]
		;;
	esac
}

# has_size: whether $dest has $size bytes; what stat tells is asked for later anyway
has_size() {
	if [ -L "$dest" ]; then stat_still "$dest" -L; else stat_still "$dest"; fi
	[ "$s_kind" = file ] && [ "$s_size" = "$size" ]
}

# has_text: true if $dest, which has the size of $text, is seen to hold it: where that is short and plain, the shell can read it
# itself. A NUL it would leave out, but then something is missing.
has_text() {
	[ "$size" -le 2000 ] || return 1
	case $text in *[![:print:][:space:]]*) return 1 ;; esac
	there=''
	while IFS= read -r piece; do there=$there$piece$nl; done <"$dest"
	[ "$there$piece" = "$text" ]
}

# show_before: at most 104448 bytes of what is there, on stdout
show_before() {
	[ -f "$dest" ] && [ -r "$dest" ] || return 0
	stat_of "$dest" -L
	if [ "$s_size" -gt 104448 ]; then say before_size "$s_size"; else cat <"$dest"; fi
	say before shown
}

# place_upload: sets `place` to a private directory beside $dest for large content
place_upload() {
	folder "$dest"
	place=$(mktemp -d "$dir/.orch.XXXXXX" 2>&1) || die "Destination $dir not writable: $place"
}

# foretell: says which attributes of a file that is there will differ; the new file gets them before it has the name
foretell() {
	here=$check
	[ "$check" = true ] || puts_off=true
	check=true
	attributes "$dest"
	check=$here puts_off=''
}

write_content() {
	still_expected
	folder "$dest"
	final=''
	if [ "$how" = upload ]; then
		temp=$uploaded
	else
		new_temp
		if [ -z "$temp" ]; then
			[ "$#:$backup" = 0:false ] || die "could not make a file beside $dest"
			fill >"$dest" || die "could not write $dest: exit $?"
			s_of=''
			return
		fi
		trap 'rm -f "$temp"' EXIT
		fill >>"$temp" || die "could not write $temp: exit $?"
	fi
	[ -n "$final" ] || inherit
	[ $# -eq 0 ] || validate "$@"
	[ "$backup" = false ] || keep_backup
	if why=$(mv -f -- "$temp" "$dest" 2>&1); then
		s_of=''
		[ "$how" = upload ] || trap - EXIT # there is nothing left to remove
		[ -z "$final" ] || has_final_mode
	else
		may_write_over || die "could not replace $dest: $why"
		cat <"$temp" >"$dest" || die "could not write $dest: exit $?"
	fi
	# an owner or a mode that cannot be had is told behind the content, as with Ansible
	[ -z "$refused" ] || die "$refused"
}

# has_final_mode: tells a mode that is not the umask's. A directory may have rules of its own (ACLs) for what is made in
# it, and the umask is then not asked.
# shellcheck disable=SC2031 # a subshell's mode is not meant
has_final_mode() {
	bits=$((0666 & ~0${orch_mask:-$(umask)}))
	was=0$((bits / 64 % 8))$((bits / 8 % 8))$((bits % 8))
	[ -z "$mode" ] || [ "$was" = "$final" ] || note "mode|$was|$final"
	here=$mode mode=$final quiet=true
	attributes "$dest"
	mode=$here quiet=''
}

# still_expected: ends the program if the file is no longer what was read
still_expected() {
	case $expected in
	'') ;;
	absent) ! exists "$dest" || die "$dest was created by somebody else in the meantime; nothing was written" ;;
	*) [ "$(cksum <"$dest")" = "$expected" ] || die "$dest was changed by somebody else in the meantime; nothing was written" ;;
	esac
}

fill() {
	case $how in
	text) printf '%s' "$text" ;;
	gzip) printf '%s' "$base64" | base64 --decode | gzip -dc ;; # a -d of base64 means something else on older Macs
	*) printf '%s' "$base64" | base64 --decode ;;
	esac
}

# inherit: $temp gets the mode and owner of the file it replaces, or what umask leaves; then what is asked for
inherit() {
	stat_still "$dest"
	seen_kind=$s_kind
	if [ "$s_kind" = file ]; then
		owner_seen=$s_uid:$s_gid mode_seen=$s_mode
		stat_of "$temp"
		# without the right to give files away, the file is ours from now on: so it is with Ansible
		[ "$owner_seen" = "$s_uid:$s_gid" ] || { s_of='' && chown "$owner_seen" "$temp" 2>/dev/null; } || :
		why=$(chmod "0$mode_seen" "$temp" 2>&1) || die "chmod failed: $why"
		s_mode=$mode_seen
	else
		bits=$((0666 & ~0$(umask)))
		chmod "$((bits / 64 % 8))$((bits / 8 % 8))$((bits % 8))" "$temp" || die "chmod $temp: exit $?"
	fi
	# of a file that was there foretell has told already
	[ "$seen_kind" = absent ] || quiet=true
	puts_off=true
	attributes "$temp"
	quiet='' puts_off=''
}

# may_write_over: whether a file may be written to where it is, by unsafe_writes or by what the environment says for it
may_write_over() {
	case ${unsafe_writes:-${ANSIBLE_UNSAFE_WRITES-}} in true | True | yes | Yes | on | On | 1 | y | t) return ;; esac
	return 1
}

# new_temp: sets `temp` to a new file beside $dest, which has the mode $final or is ours alone. A claim's name is nobody
# else's to know, so mktemp(1) is asked only where the shell could not make the file. Where nothing can be made and the
# file may be written over, `temp` is empty.
new_temp() {
	final_mode
	if [ -n "${orch_claim-}" ]; then
		temp=$dir/.orch.${orch_claim##*/}
		umask "$mask"
		set -C
		true 2>/dev/null >"$temp"
		made=$?
		set +C
		umask "$orch_mask"
		[ "$made" != 0 ] || [ ! -f "$temp" ] || [ -L "$temp" ] || return 0
		[ "$made" != 0 ] || rm -f "$temp" # a pipe or device that somebody put there is opened, and not by us alone
	fi
	final=''
	temp=$(mktemp "$dir/.orch.XXXXXX" 2>&1) && return
	{ [ -f "$dest" ] && may_write_over; } || die "Destination $dir not writable: $temp"
	temp=''
}

# final_mode: sets `final` to the mode that $dest is to have, where a new file can have it from the start, else to nothing;
# and `mask` to the umask that brings it about
final_mode() {
	final='' mask=0177
	[ -z "$owner$group" ] && [ ! -e "$dest" ] && [ ! -L "$dest" ] || return 0
	case $mode in
	'') bits=$((0666 & ~0${orch_mask:-$(umask)})) ;;
	*[!0-7]*) return 0 ;;
	*) bits=$((0$mode)) ;;
	esac
	[ $((bits & ~066)) = $((0600)) ] || return 0
	final=06$((bits / 8 % 8))$((bits % 8))
	mask=01$((7 - bits / 8 % 8))$((7 - bits % 8))
}

# validate WORD…: runs the user's command on the new file; %s stands for its path
validate() {
	case $* in *%s*) ;; *) die "validate must contain %s: $*" ;; esac
	count=$#
	while [ "$count" -gt 0 ]; do
		word=$1
		shift
		case $word in *%s*) word=${word%%%s*}$temp${word#*%s} ;; esac
		set -- "$@" "$word"
		count=$((count - 1))
	done
	why=$(command "$@" 2>&1) && return
	rc=$?
	say validation "$rc"
	die "failed to validate: rc:$rc error:$why"
}

keep_backup() {
	[ -f "$dest" ] || return 0
	stamp=$(date '+%Y-%m-%d@%H:%M:%S')
	number=$$
	# this shell does many tasks, and may do two of them within a second: an older copy is not written over
	while [ -e "$dest.$number.$stamp~" ]; do number=$((number + 1)); done
	copy=$dest.$number.$stamp~
	why=$(cp -p -- "$dest" "$copy" 2>&1) || die "could not make a backup of $dest: $why"
	say backup_file "$copy"
}

# attributes_only: of a file whose content is right already
attributes_only() {
	expand "$dest_given"
	attributes "$path"
	say_stat "$path"
}
