# Public keys from a URL or from a file of the node, and whose a file of keys is. Needs the prelude and files.
# Values: url insecure; of own_keys user path_given manage_dir.

fetch_keys() {
	case $url in
	file*)
		key_file=/${url#"${url%%/*}"} key_file=/${key_file#"${key_file%%[!/]*}"}
		[ -e "$key_file" ] || die "Path to a key file not found: $key_file"
		[ -f "$key_file" ] || die "Path to a key is a directory and must be a file: $key_file"
		cat -- "$key_file" || die "Failed to read key file $key_file"
		return
		;;
	esac
	command -v curl >/dev/null || die 'curl is not on this node, so the keys cannot be fetched'
	curl -fsSL ${insecure:+"$insecure"} --max-time 60 -- "$url" || die "error getting key from: $url (curl: exit $?)"
}

# own_keys: a file that was written is its user's and his group's; so is its directory, which nobody else may look into
own_keys() {
	expand "$path_given"
	folder "$path"
	gid=$(id -g -- "$user" 2>&1) || die "Failed to lookup user $user: \"getpwnam(): name not found: '$user'\""
	if [ "$manage_dir" = true ]; then
		why=$(chown "$user:$gid" "$dir" 2>&1 && chmod 0700 "$dir" 2>&1) || die "$why"
	fi
	chown "$user:$gid" "$path" 2>/dev/null
	return 0
}
