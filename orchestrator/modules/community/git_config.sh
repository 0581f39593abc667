# One setting of git, or many read. Needs the prelude and files.
#
# Values: goal (read, set, add or unset) setting value scope (file, local, global or system) repo file_given check.
# `git config` exits 1 for a setting that is not there, 5 where there is nothing to unset, 128 for a file it cannot read.

git_config_main() {
	command -v git >/dev/null || die 'Failed to find required executable git'
	case $(uname) in
	# without the developer tools, /usr/bin/git is a stub that opens a dialogue and waits
	Darwin) [ "$(command -v git)" != /usr/bin/git ] || xcode-select -p >/dev/null 2>&1 ||
		die 'git is not installed: /usr/bin/git is the stub for the developer tools (install them, or Homebrew git)' ;;
	esac
	if [ "$scope" = local ]; then
		expand "$repo"
		cd -- "$path" || die "could not change to $path"
	fi
	if [ "$scope" = file ]; then
		expand "$file_given"
		file=$path
	fi
	if [ "$goal" = read ]; then
		tell_settings
		return
	fi
	say git "$(command -v git)"
	[ "$scope" != file ] || say file "$file"
	tell_values before
	case $goal in
	unset) [ -n "$values" ] || return 0 ;;
	set) [ "$values" != "$value$nl" ] || return 0 ;;
	add) ! listed_value || return 0 ;;
	esac
	say changed true
	[ "$check" = false ] || return 0
	case $goal in
	unset) why=$(config --unset-all "$setting" 2>&1) ;;
	set) why=$(config --replace-all "$setting" "$value" 2>&1) ;;
	add) why=$(config --add "$setting" "$value" 2>&1) ;;
	esac || die "$why"
	tell_values after
}

config() {
	case $scope in
	file) git config --includes --file "$file" "$@" ;;
	*) git config --includes "--$scope" "$@" ;;
	esac
}

# tell_values NAME: says each value of the setting, and keeps them in `values`, one a line
tell_values() {
	values=$(config --get-all "$setting" 2>&1 && printf .)
	case $?:$values in
	0:*) values=${values%.} ;;
	1: | 1:*'does not contain a section'*) values='' && return 0 ;;
	*:*'No such file'* | *:*'unable to read'*) values='' && return 0 ;;
	*) die "git config $setting: ${values%.}" ;;
	esac
	IFS=$nl
	set -f
	for one in $values; do say "$1" "$one"; done
	set +f
	unset IFS
}

# tell_settings: the values of the setting, or all settings with theirs, on stdout, each with a zero byte behind it
tell_settings() {
	if [ -n "$setting" ]; then set -- --get-all "$setting"; else set -- --list; fi
	why=$(config --null "$@" 2>&1 >/dev/null)
	case $?:$why in
	0:* | 1:*) ;;
	128:*'unable to read config file'*) return 0 ;;
	*) die "$why" ;;
	esac
	config --null "$@" 2>/dev/null
	return 0
}

listed_value() {
	case $nl$values in *"$nl$value$nl"*) ;; *) return 1 ;; esac
}
