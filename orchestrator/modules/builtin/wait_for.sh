# One look at what is waited for. Needs the prelude and files.
#
# Values: host port connect_timeout path_given want_content.

# look_port: says `open true` if a connection can be made; with $want_content what comes in on it, on stdout
look_port() {
	say now "$(date +%s)"
	if [ "$want_content" = true ]; then
		command -v nc >/dev/null || die 'search_regex on a port needs nc(1), which is not on this node'
		nc -w "$connect_timeout" "$host" "$port" </dev/null 2>/dev/null | head -c 65536
		return 0
	fi
	if connects; then say open true; fi
	return 0
}

# connects: macOS's nc has -G for the time that a connection may take, which others call -w and do not know as -G
connects() {
	if command -v nc >/dev/null; then
		why=$(nc -z -G "$connect_timeout" -w "$connect_timeout" "$host" "$port" 2>&1) && return
		case $why in
		*[Uu]sage* | *'invalid option'* | *'illegal option'*) nc -z -w "$connect_timeout" "$host" "$port" 2>/dev/null ;;
		*) return 1 ;;
		esac
	elif command -v bash >/dev/null; then
		bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "$port" 2>/dev/null
	else
		die 'neither nc(1) nor bash(1) is on this node to try a port with'
	fi
}

# look_path: says `open true` if the object is there; with $want_content its content on stdout
look_path() {
	say now "$(date +%s)"
	expand "$path_given"
	[ -e "$path" ] || return 0
	say open true
	say_stat "$path"
	[ "$want_content" = false ] || cat <"$path"
}

# look_connections: the table of connections
look_connections() {
	say now "$(date +%s)"
	command -v netstat >/dev/null || die 'state=drained needs netstat(1), which is not on this node'
	LC_ALL=C netstat -an
}
