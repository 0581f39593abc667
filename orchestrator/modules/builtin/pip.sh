# Python packages, by the node's own pip – of a Python that somebody has installed there. Needs the prelude and files.
#
# Values: state (present absent latest forcereinstall) requirements virtualenv virtualenv_command site_packages
# executable chdir editable umask_given check. The words are the packages; $extra_args holds one word a line.

pip_main() {
	[ -z "$umask_given" ] || umask "$umask_given"
	if [ -n "$chdir" ]; then
		expand "$chdir"
		cd -- "$path" || die "could not change to $path"
	fi
	find_pip
	old=$("$pip" freeze 2>/dev/null; "$pip" --version)
	if [ "$check" = true ]; then
		foretell_pip "$@"
		return
	fi
	set -f
	IFS=$nl
	case $state in
	absent) set -- uninstall -y ${extra_args:+$extra_args} "$@" ;;
	latest) set -- install -U ${extra_args:+$extra_args} "$@" ;;
	forcereinstall) set -- install -U --force-reinstall ${extra_args:+$extra_args} "$@" ;;
	*) set -- install ${extra_args:+$extra_args} "$@" ;;
	esac
	unset IFS
	if [ -n "$requirements" ]; then
		expand "$requirements"
		set -- "$@" -r "$path"
	fi
	"$pip" --disable-pip-version-check "$@" </dev/null || die "pip failed (exit $?)"
	new=$("$pip" freeze 2>/dev/null; "$pip" --version)
	[ "$old" = "$new" ] && [ "$state" != forcereinstall ] || say changed true
}

# find_pip: sets `pip`; makes the virtual environment where there is none
find_pip() {
	if [ -n "$virtualenv" ]; then
		expand "$virtualenv"
		pip=$path/bin/pip
		[ ! -x "$pip" ] || return 0
		say changed true
		[ "$check" = false ] || { pip=: && return; }
		set -f
		# shellcheck disable=SC2086 # a command with its arguments
		set -- $virtualenv_command
		[ "$site_packages" = false ] || set -- "$@" --system-site-packages
		why=$("$@" "$path" 2>&1) || die "could not make the virtual environment $path: $why"
		return
	fi
	for pip in ${executable:-pip3 pip}; do command -v "$pip" >/dev/null && return; done
	die "Unable to find any of ${executable:-pip3, pip} to use. pip needs to be installed."
}

# foretell_pip WORD…: whether a run would change something, as far as the list of packages tells
foretell_pip() {
	[ -z "$requirements" ] && [ "$state" != latest ] && [ "$state" != forcereinstall ] || { say changed true && return; }
	listed=$("$pip" list --format freeze 2>/dev/null | sed 's/==.*//' | tr 'A-Z_' 'a-z-')
	for word; do
		want=$(printf '%s' "${word%%[<>=!~[;]*}" | tr 'A-Z_' 'a-z-')
		case $nl$listed$nl in
		*"$nl$want$nl"*) there=present ;;
		*) there=absent ;;
		esac
		[ "$there" = "$state" ] || say changed true
	done
}
