# The node's own names. Needs the prelude.
#
# Values: name; on macOS there are three: HostName, ComputerName and LocalHostName (letters, digits and dashes alone).

probe() {
	case $(uname) in
	Darwin)
		say name "$(scutil --get HostName 2>/dev/null)"
		say computer_name "$(scutil --get ComputerName 2>/dev/null)"
		say local_host_name "$(scutil --get LocalHostName 2>/dev/null)"
		;;
	*)
		say name "$(hostname)"
		say computer_name "$name"
		say local_host_name "$local_host_name"
		;;
	esac
}

apply() {
	if [ "$(uname)" = Darwin ]; then
		why=$(scutil --set HostName "$name" 2>&1 && scutil --set ComputerName "$name" 2>&1 &&
			scutil --set LocalHostName "$local_host_name" 2>&1) || die "scutil --set: $why"
	else
		printf '%s\n' "$name" >/etc/hostname || die 'cannot write /etc/hostname'
		why=$(hostname "$name" 2>&1) || die "hostname $name: $why"
	fi
}
