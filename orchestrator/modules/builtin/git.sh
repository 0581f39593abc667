# A working copy of a git repository. Needs the prelude and files. git itself asks for nothing: no terminal, no password.
#
# Values: repo_given dest_given version remote clone update force depth bare recursive track_submodules single_branch
# accept_hostkey accept_newhostkey key_file ssh_opts refspec reference separate_git_dir archive_given archive_prefix
# executable umask_given check diff.

git_main() {
	git_tool=${executable:-git}
	command -v "$git_tool" >/dev/null || die "Failed to find required executable $git_tool"
	case $(uname) in
	# without the developer tools, /usr/bin/git is a stub that opens a dialogue and waits
	Darwin) [ "$git_tool" != git ] || [ "$(command -v git)" != /usr/bin/git ] || xcode-select -p >/dev/null 2>&1 ||
		die 'git is not installed: /usr/bin/git is the stub for the developer tools (install them, or Homebrew git)' ;;
	esac
	[ -z "$umask_given" ] || umask "$umask_given"
	GIT_TERMINAL_PROMPT=0
	GIT_SSH_COMMAND="ssh -o BatchMode=yes$(ssh_words)"
	export GIT_TERMINAL_PROMPT GIT_SSH_COMMAND
	repo=$repo_given
	# a path as an URL: else git copies it whole, whatever depth says
	case $repo in /* | '~'*) expand "$repo" && repo=file://$path ;; esac
	[ -z "$dest_given" ] || { expand "$dest_given" && dest=$path; }
	if [ -z "$dest" ]; then
		say after "$(ls_remote "$version")"
		say changed true
		return
	fi
	say dest "$dest"
	store=$dest/.git
	[ "$bare" = false ] || store=$dest
	if [ -n "$separate_git_dir" ]; then expand "$separate_git_dir" && separate_git_dir=$path && move_store; fi
	if [ ! -e "$store/HEAD" ] && [ ! -f "$dest/.git" ]; then first_clone; else renew; fi
	[ -z "$archive_given" ] || pack
}

ssh_words() {
	case $accept_hostkey:$accept_newhostkey in
	true:*) printf ' -o StrictHostKeyChecking=no' ;;
	*:true) printf ' -o StrictHostKeyChecking=accept-new' ;;
	esac
	[ -z "$key_file" ] || printf " -o IdentitiesOnly=yes -i '%s'" "$(printf '%s' "$key_file" | sed "s/'/'\\\\''/g")"
	[ -z "$ssh_opts" ] || printf ' %s' "$ssh_opts"
}

# tried REASON WORD…: git does as the words say; where it fails, REASON (else what git wrote) is told, and all it left
tried() {
	reason=$1
	shift
	stderr=$("$git_tool" "$@" 2>&1 >/dev/null) && return
	say rc "$?"
	say cmd "$git_tool $*"
	say stderr "$stderr"
	die "${reason:-$stderr}"
}

# move_store: the repository of a working copy that is there already to where it is wanted
move_store() {
	[ -e "$dest/.git" ] || return 0
	old=$(in_copy rev-parse --absolute-git-dir 2>/dev/null) || return 0
	[ "$old" != "$separate_git_dir" ] || return 0
	say changed true
	[ "$check" = false ] || return 0
	[ ! -e "$separate_git_dir" ] || die "Separate-git-dir path $separate_git_dir already exists."
	mv -- "$old" "$separate_git_dir" || die 'Unable to move git dir.'
	printf 'gitdir: %s' "$separate_git_dir" >"$dest/.git" || die 'Unable to move git dir.'
	say git_dir_before "$old"
	say git_dir_now "$separate_git_dir"
}

# pack: the version as an archive, where it is not there like that
pack() {
	case $archive_given in
	*.zip) kind=zip ;; *.gz) kind=tar.gz ;; *.tgz) kind=tgz ;; *.tar) kind=tar ;;
	*) die "Unable to get file extension from archive file name : $archive_given" ;;
	esac
	if [ "$check" = true ]; then
		say changed true
		return
	fi
	expand "$archive_given"
	folder "$path"
	new=$(mktemp "$dir/.orch.XXXXXX" 2>&1) || die "$dir is not writable: $new"
	set -- archive --format "$kind" --output "$new"
	[ -z "$archive_prefix" ] || set -- "$@" --prefix "$archive_prefix"
	if ! why=$(in_copy "$@" "$version" 2>&1); then
		rm -f "$new"
		say details "Git archive command failed to create archive $path using $dest directory.Error: $why"
		die 'Failed to perform archive operation'
	fi
	if cmp -s "$new" "$path"; then
		rm -f "$new"
	else
		say changed true
		{ chmod "$(printf '%o' $((0666 & ~0$(umask))))" "$new" && mv -f "$new" "$path"; } || die "Failed to move $new to $path"
	fi
}

in_copy() {
	"$git_tool" -C "$dest" "$@"
}

# ls_remote VERSION: the commit that VERSION means at the remote; empty where it is none of its names
ls_remote() {
	refs=$("$git_tool" ls-remote "$repo" 2>&1) || cannot_ask
	printf '%s\n' "$refs" | awk -v want="$1" '
		$2 == "refs/tags/" want "^{}" { tag = $1 }
		$2 == "refs/heads/" want || $2 == want { head = $1 }
		$2 == "refs/tags/" want { plain = $1 }
		END { print head ? head : tag ? tag : plain }'
}

# cannot_ask: the end, with what git wrote (in $refs)
cannot_ask() {
	rc=$?
	[ "$is_there" = false ] || [ "$check" = true ] || die "Failed to download remote objects and refs:  $refs$nl"
	say rc "$rc"
	say cmd "$git_tool ls-remote $repo"
	say stderr "$refs"
	die "$refs"
}

is_there=false

first_clone() {
	if [ "$clone" = false ]; then
		say after "$(ls_remote "$version")"
		say changed true
		return
	fi
	say changed true
	say before ''
	if [ "$check" = true ]; then
		after=$(ls_remote "$version") || exit 1
		say after "${after:-$version}"
		return
	fi
	folder "$dest"
	mkdir -p "$dir" || die "could not make $dir"
	set -- --origin "$remote"
	is_named=''
	case $version:$depth:$single_branch in HEAD:*) ;; *::false) ;; *) is_named=$(ls_remote "$version") || exit 1 ;; esac
	case $version:$is_named$refspec in HEAD:*) ;; *:) depth='' ;; esac
	[ -z "$depth" ] || set -- "$@" --depth "$depth"
	[ -z "$reference" ] || set -- "$@" --reference "$reference"
	[ -z "$separate_git_dir" ] || set -- "$@" --separate-git-dir "$separate_git_dir"
	[ "$bare" = false ] || set -- "$@" --bare
	[ "$recursive" = false ] || [ "$bare" = true ] || set -- "$@" --recursive
	[ "$single_branch" = false ] || set -- "$@" --single-branch
	[ -z "$is_named" ] || set -- "$@" --branch "$version"
	tried '' clone --quiet "$@" -- "$repo" "$dest"
	[ "$bare" = true ] || switch
	say after "$(in_copy rev-parse HEAD)"
}

renew() {
	is_there=true
	before=$(in_copy rev-parse HEAD 2>/dev/null)
	say before "$before"
	if [ "$update" = false ]; then
		say after "$before"
		return
	fi
	if [ "$bare" = false ] && [ -n "$(in_copy status --porcelain --untracked-files=no)" ]; then
		[ "$force" = true ] || die 'Local modifications exist in the destination: '"$dest"' (force=no).'
		say changed true
		[ "$check" = true ] || say told "Local modifications exist in the destination: $dest"
		[ "$check" = true ] || in_copy reset --hard >/dev/null || die "git reset --hard: exit $?"
	fi
	same_remote
	after=$(ls_remote "$version") || exit 1
	if [ "$check" = true ]; then
		say after "${after:-$version}"
		[ "${after:-$version}" = "$before" ] || differs "$before" "${after:-$version}"
		return
	fi
	if [ -z "$after" ] || [ "$after" != "$before" ]; then
		in_copy cat-file -e "${after:-$version}^{commit}" 2>/dev/null && [ "$version" != HEAD ] && [ -z "$after" ] || fetch_all
		[ "$bare" = true ] || switch
	fi
	after=$(in_copy rev-parse HEAD)
	say after "$after"
	[ "$after" = "$before" ] || differs "$before" "$after"
}

# differs BEFORE AFTER: says that it does, and shows what differs where that is asked for and known
differs() {
	say changed true
	[ "$diff" = true ] || return 0
	[ "$check" = false ] || fetch_all
	if ! shown=$(in_copy --no-pager diff --no-color "$1" "$2" 2>&1); then
		say difference ">> Failed to get proper diff between $1 and $2:$nl>> $shown$nl"
	elif [ -n "$shown" ]; then
		say difference "$shown$nl"
	else
		say difference ">> No visual differences between $1 and $2"
	fi
}

same_remote() {
	url=$(in_copy remote get-url "$remote" 2>/dev/null)
	[ "${url#file://}" != "${repo#file://}" ] || return 0
	say remote_url_changed true
	say changed true
	[ "$check" = false ] || return 0
	why=$(in_copy remote set-url "$remote" "$repo" 2>&1) || die "Failed to set a new url $repo for $remote:  $why$nl"
}

fetch_all() {
	set -- fetch --tags --force
	[ -z "$depth" ] || set -- "$@" --depth "$depth"
	if [ "$bare" = true ]; then
		set -- "$@" "$remote" '+refs/heads/*:refs/heads/*'
	else
		set -- "$@" "$remote" "+refs/heads/*:refs/remotes/$remote/*"
	fi
	[ -z "$refspec" ] || set -- "$@" "$refspec"
	why=$(in_copy "$@" 2>&1) || die "Failed to download remote objects and refs:  $why$nl"
}

# switch: the working copy to $version: a branch of the remote's, reset to what it is there, or a tag or commit
switch() {
	name=$version
	if [ "$version" = HEAD ]; then
		name=$(in_copy symbolic-ref --short "refs/remotes/$remote/HEAD" 2>/dev/null) || name=$(in_copy symbolic-ref --short HEAD)
		name=${name#"$remote/"}
	fi
	if in_copy rev-parse --verify --quiet "refs/remotes/$remote/$name" >/dev/null; then
		tried "Failed to checkout branch $name" -C "$dest" checkout --force -B "$name" "refs/remotes/$remote/$name"
	else
		label=$name
		[ "$version" != HEAD ] || label="branch $name"
		tried "Failed to checkout $label" -C "$dest" checkout --force "$name"
	fi
	[ "$recursive" = true ] && [ -f "$dest/.gitmodules" ] || return 0
	set -- submodule update --init --recursive
	[ "$track_submodules" = false ] || set -- "$@" --remote
	why=$(in_copy "$@" 2>&1) || die "Failed to init/update submodules: $why"
}
