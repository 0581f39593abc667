# A file as a whole. Needs the prelude, files and edit. Value: path_given.

# slurp_file: the file's name in full, a link's own; then what read_file says
slurp_file() {
	expand "$path_given"
	say named "$path"
	[ -e "$path" ] || case $(LC_ALL=C ls -d -- "$path" 2>&1) in
	*'ermission denied'*) die "File is not readable: $path" ;;
	*'Not a directory'*) die 'Unable to slurp file: {source}' ;; # Ansible's own slip
	esac
	read_file
}
