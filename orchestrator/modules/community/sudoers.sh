# One rule of sudo, in a file of its own. Needs the prelude and files. Values: file content state validation check.

sudoers_main() {
	if [ "$state" = absent ]; then
		exists "$file" || return 0
		say changed true
		[ "$check" = true ] || rm -f -- "$file" || die "could not remove $file"
		return 0
	fi
	[ "$validation" = absent ] || validate
	if [ -f "$file" ] && printf '%s' "$content" | cmp -s - "$file"; then
		stat_of "$file" -L
		[ "$s_mode" != 0440 ] || return 0
	fi
	say changed true
	[ "$check" = true ] || write_rule
}

validate() {
	case :$PATH: in *:/usr/sbin:*) ;; *) PATH=$PATH:/usr/sbin ;; esac
	if ! command -v visudo >/dev/null; then
		[ "$validation" = detect ] || die "Failed to find required executable \"visudo\" in paths: $PATH"
		return 0
	fi
	why=$(printf '%s' "$content" | visudo -c -f - 2>&1) || die "Failed to validate sudoers rule:$nl$why"
}

# write_rule: the file is renamed into place; sudo passes over names with a dot in them
write_rule() {
	folder "$file"
	beside=$(mktemp "$dir/.orch.XXXXXX" 2>&1) || die "$dir is not writable: $beside"
	{ printf '%s' "$content" >"$beside" && chmod 0440 "$beside" && mv -f "$beside" "$file"; } || die "could not write $file"
}
