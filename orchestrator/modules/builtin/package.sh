# Packages, by Homebrew on macOS and apt on Debian. Needs the prelude and files.
#
# Values: state (present, absent or latest) names (blank-separated) check.

package_tool() {
	brew=''
	if command -v apt-get >/dev/null && [ "$(uname)" = Linux ]; then
		return
	elif command -v brew >/dev/null; then
		brew=brew
	elif [ -x /opt/homebrew/bin/brew ]; then
		brew=/opt/homebrew/bin/brew
	elif [ -x /usr/local/bin/brew ]; then
		brew=/usr/local/bin/brew
	else
		die 'neither Homebrew nor apt is on this node'
	fi
	HOMEBREW_NO_AUTO_UPDATE=1 HOMEBREW_NO_ENV_HINTS=1
	export HOMEBREW_NO_AUTO_UPDATE HOMEBREW_NO_ENV_HINTS
}

installed() {
	if [ -n "$brew" ]; then
		"$brew" list --versions -- "$1" >/dev/null 2>&1
	else
		case $(dpkg-query -W -f '${Status}' -- "$1" 2>/dev/null) in *' installed') ;; *) return 1 ;; esac
	fi
}

outdated() {
	if [ -n "$brew" ]; then
		[ -n "$("$brew" outdated --quiet -- "$1" 2>/dev/null)" ]
	else
		case $(LC_ALL=C apt-get -s -qq install --only-upgrade -- "$1" 2>/dev/null) in *"Inst ${1%%=*} "*) ;; *) return 1 ;; esac
	fi
}

probe() {
	package_tool
	state_seen=$state
	for one in $names; do
		case $state in
		present) installed "$one" || state_seen=absent ;;
		latest) if ! installed "$one"; then state_seen=absent; elif outdated "$one"; then state_seen=outdated; fi ;;
		absent) ! installed "$one" || state_seen=present ;;
		esac
	done
	say state "$state_seen"
}

apply() {
	package_tool
	for one in $names; do
		case $state in
		absent) ! installed "$one" || package_do remove "$one" ;;
		*)
			if ! installed "$one"; then
				package_do install "$one"
			elif [ "$state" = latest ] && outdated "$one"; then
				package_do upgrade "$one"
			fi
			;;
		esac
	done
}

package_do() {
	if [ -n "$brew" ]; then
		verb=$1
		[ "$1" != remove ] || verb=uninstall
		why=$("$brew" "$verb" -- "$2" 2>&1 </dev/null) || die "brew $verb $2: $why"
	else
		verb=$1
		[ "$1" != upgrade ] || verb=install
		why=$(DEBIAN_FRONTEND=noninteractive apt-get -y -qq "$verb" -- "$2" 2>&1 </dev/null) || {
			case $why in *'Unable to locate package'*) die "No package matching '$2' is available" ;; esac
			die "apt-get $verb $2: $why"
		}
	fi
}
