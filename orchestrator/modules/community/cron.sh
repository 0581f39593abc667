# A user's crontab. Needs the prelude and files. Values: owner (empty: the login user) content expected backup.
#
# `crontab -l` exits 1 and says "no crontab for USER" where there is none.

crontab_of() {
	command -v crontab >/dev/null || die 'crontab is not on this node: macOS has it in /usr/bin, Debian in the package cron'
	if [ -n "$owner" ] && [ "$owner" != "$(id -un)" ]; then crontab -u "$owner" "$@"; else crontab "$@"; fi
}

# crontab_now: sets `now` to the crontab; empty where there is none
crontab_now() {
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
	why=$(printf '%s' "$content" | crontab_of - 2>&1) || die "crontab: $why"
	crontab_now
	[ "$now" = "$content" ] || die 'crontab reported success, yet the crontab is not as written'
}
