# A user's crontab, or a file like one. Needs the prelude and files. Values: owner (empty: the login user) file content
# expected backup keeps_file (true: also an empty one, in a directory that must be there).
#
# `crontab -l` exits 1 and says "no crontab for USER" where there is none.

crontab_of() {
	command -v crontab >/dev/null || die 'crontab is not on this node: macOS has it in /usr/bin, Debian in the package cron'
	if [ -n "$owner" ] && [ "$owner" != "$(id -un)" ]; then crontab -u "$owner" "$@"; else crontab "$@"; fi
}

# crontab_now: sets `now` to the crontab; empty where there is none
crontab_now() {
	if [ -n "$file" ]; then
		expand "$file"
		folder "$path"
		[ "$keeps_file" = false ] || [ -d "$dir" ] || die "Parent directory '$dir' does not exist for cron_file: '$file'"
		now=''
		[ ! -e "$path" ] || now=$(cat "$path" && printf .) || die "$path is not readable"
		now=${now%.}
		return
	fi
	now=$(crontab_of -l 2>&1 && printf .)
	case $?:$now in
	0:*) now=${now%.} ;;
	*:*'o crontab for'*) now='' ;;
	*) die "crontab -l: $now" ;;
	esac
}

cron_read() {
	crontab_now
	printf '%s' "$now"
}

cron_write() {
	crontab_now
	[ "$now" = "$expected" ] || die 'the crontab was changed by somebody else in the meantime; nothing was written'
	if [ "$backup" = true ]; then
		copy=$(umask 077 && mktemp "${TMPDIR:-/tmp}/crontab.XXXXXX") || die 'mktemp: no place for the backup'
		printf '%s' "$now" >"$copy" && say backup_file "$copy"
	fi
	if [ -n "$file" ]; then
		write_file
		return
	fi
	why=$(printf '%s' "$content" | crontab_of - 2>&1) || die "crontab: $why"
	crontab_now
	[ "$now" = "$content" ] || die 'crontab reported success, yet the crontab is not as written'
}

# write_file: the file as it is wanted; gone where nothing is left
write_file() {
	if [ -z "$content" ] && [ "$keeps_file" = false ]; then
		why=$(rm -f "$path" 2>&1) || die "$why"
		return
	fi
	why=$( (umask 022 && printf '%s' "$content" >"$path") 2>&1) || die "could not write $path: $why"
}
