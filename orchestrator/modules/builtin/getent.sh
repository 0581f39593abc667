# Entries of the system's databases, as getent(1) prints them; macOS has none and keeps users and groups elsewhere.
#
# Values: database key.

look_up() {
	if command -v getent >/dev/null; then
		look_up_here
	else
		case $database in
		passwd) look_up_darwin /Users 'UniqueID PrimaryGroupID RealName NFSHomeDirectory UserShell' ;;
		group) look_up_darwin /Groups 'PrimaryGroupID GroupMembership' ;;
		*) die "there is no getent(1) on this node, and $database is not a database of the directory service" ;;
		esac
	fi
	return 0
}

look_up_here() {
	if [ -n "$key" ]; then getent "$database" "$key"; else getent "$database"; fi
	case $? in
	0 | 2) return 0 ;;
	1) die "Missing arguments, or database unknown: $database" ;;
	3) die "Enumeration not supported on this database: $database" ;;
	*) die "getent $database $key: exit $?" ;;
	esac
}

look_up_darwin() {
	names=$key
	[ -n "$names" ] || names=$(dscl . -list "$1")
	for entry in $names; do
		dscl . -read "$1/$entry" >/dev/null 2>&1 || continue
		printf '%s:*' "$entry"
		for field in $2; do
			value=$(dscl . -read "$1/$entry" "$field" 2>/dev/null) && value=${value#*:}
			value=${value#"$nl"}
			value=${value# }
			[ "$field" != GroupMembership ] || value=$(printf '%s' "$value" | tr ' ' ',')
			printf ':%s' "$value"
		done
		printf '\n'
	done
}
