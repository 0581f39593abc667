# Which package manager a node has: Homebrew on macOS, apt on Debian. Needs the prelude.

say_manager() {
	if [ "$(uname)" = Linux ] && command -v apt-get >/dev/null; then
		say manager apt
	elif command -v brew >/dev/null || [ -x /opt/homebrew/bin/brew ] || [ -x /usr/local/bin/brew ]; then
		say manager homebrew
	else
		die 'neither Homebrew nor apt is on this node'
	fi
}
