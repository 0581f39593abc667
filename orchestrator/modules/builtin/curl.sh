# Requests by curl(1). Needs the prelude, files and content.
#
# Values: config (curl's configuration) body (may be empty) has_body.

# private_place DIRECTORY: sets `place` to a directory of ours alone, removed at the end of the program
private_place() {
	place=$(mktemp -d "$1/.orch.XXXXXX" 2>&1) || die "no private directory in $1: $place"
	trap 'rm -rf "$place"' EXIT
	chmod 700 "$place"
}

# request OUTPUT: one request; its body to the file OUTPUT, its headers to $place/headers; sets `code` and `elapsed`
request() {
	command -v curl >/dev/null || die 'curl is not on this node'
	(umask 077 && printf '%s' "$config" >"$place/config")
	set -- --config "$place/config" --dump-header "$place/headers" --output "$1" --write-out '%{http_code}|%{url_effective}|%{time_total}'
	case $has_body in
	text) (umask 077 && printf '%s' "$body" >"$place/body") && set -- "$@" --data-binary "@$place/body" ;;
	file) set -- "$@" --data-binary "@$body" ;;
	esac
	before=$(date +%s)
	answer=$(curl -q "$@" 2>"$place/errors") || why=$(cat "$place/errors")
	elapsed=$(($(date +%s) - before))
	say elapsed "$elapsed"
	code=${answer%%|*}
	answer=${answer#*|}
	say status "${code:-000}"
	say url "${answer%|*}"
	[ ! -f "$place/headers" ] || say headers "$(cat "$place/headers")"
	say curl "$why"
}

# ask_uri: $creates, $removes, then a request whose body is shown, or put to $dest_given
ask_uri() {
	if [ -n "$creates" ]; then
		expand "$creates"
		if [ -e "$path" ]; then
			say held "skipped, since '$creates' exists"
			return
		fi
	fi
	if [ -n "$removes" ]; then
		expand "$removes"
		if [ ! -e "$path" ]; then
			say held "skipped, since '$removes' does not exist"
			return
		fi
	fi
	if [ -n "$dest_given" ]; then
		expand "$dest_given"
		dest=$path
		folder "$dest"
		[ ! -d "$dest" ] || dir=${dest%/}
		private_place "$dir"
	else
		private_place "${TMPDIR:-/tmp}"
	fi
	case $has_body in file) expand "$body" && body=$path && { [ -r "$body" ] || die "Unable to open source file $body"; } ;; esac
	why=''
	request "$place/content"
	[ ! -f "$place/content" ] || show_or_keep
}

# show_or_keep: the body on stdout, and at $dest where the status is one of $status_codes
show_or_keep() {
	cat "$place/content"
	[ -n "$dest_given" ] || return 0
	case " $status_codes " in *" $code "*) ;; *) return 0 ;; esac
	[ ! -d "$dest" ] || dest=${dest%/}/$file_name
	how=upload uploaded=$place/content
	checksum sha1 "$uploaded"
	wanted_sum=$sum
	say changed true
	content_same || write_content
	attributes "$dest"
	say path "$dest"
	say_stat "$dest"
}

# get_url WORD…: $config's URL to $dest_given. Values: force is_file_url algorithm expected_sum file_name tmp_dest head, and as for put
get_url() {
	expand "$dest_given"
	dest=$path
	into=''
	[ ! -d "$dest" ] || into=${dest%/}
	if [ -z "$into" ] && [ -f "$dest" ] && [ "$force" = false ]; then
		if [ -n "$expected_sum" ]; then
			checksum "$algorithm" "$dest"
			if [ "$sum" = "$expected_sum" ]; then
				say kept true
				finish_url
				return
			fi
		elif [ "$is_file_url" = false ]; then
			config="$config
time-cond = \"$(printf '%s' "$dest" | sed 's/[\\"]/\\&/g')\""
		fi
	fi
	url_place
	why=''
	[ "$check" = false ] || config="$config
head"
	request "$place/content"
	[ "$code" != 304 ] || { finish_url && return; }
	case $code:$why in
	200: | 000: | 226:) ;;
	*) die "Request failed${why:+: $why}" ;;
	esac
	[ -z "$into" ] || dest=$into/$(url_name)
	if [ "$check" = true ]; then
		say changed true
		say dest "$dest"
		if [ -f "$dest" ]; then
			checksum sha1 "$dest"
			say checksum_dest "$sum"
			say_stat "$dest"
		fi
		return
	fi
	received "$@"
}

# url_place: a private directory beside the target, or in $tmp_dest
url_place() {
	if [ -n "$tmp_dest" ]; then
		expand "$tmp_dest"
		[ -d "$path" ] || die "$path directory does not exist."
		private_place "$path"
		return
	fi
	folder "$dest"
	[ -z "$into" ] || dir=$into
	[ -d "$dir" ] || die "Destination $dir does not exist"
	private_place "$dir"
}

# url_name: the name that the server gave, else the URL's
url_name() {
	name=$(sed -n 's/^[Cc]ontent-[Dd]isposition:.*[; ]filename="\{0,1\}\([^";]*\).*$/\1/p' "$place/headers" 2>/dev/null | tail -n 1 | tr -d '\r')
	name=${name##*/}
	case $name in '' | . | ..) name=$file_name ;; esac
	printf '%s' "$name"
}

# received WORD…: checks what has come and puts it in place
received() {
	how=upload uploaded=$place/content
	[ -f "$uploaded" ] || : >"$uploaded"
	if [ -n "$expected_sum" ]; then
		checksum "$algorithm" "$uploaded"
		[ "$sum" = "$expected_sum" ] || die "The checksum for $dest did not match $expected_sum; it was $sum."
	fi
	checksum sha1 "$uploaded"
	wanted_sum=$sum
	say checksum_src "$sum"
	follow=true
	if [ -f "$dest" ]; then
		checksum sha1 "$dest"
		say checksum_dest "$sum"
	fi
	if ! content_same; then
		say changed true
		foretell
		write_content "$@"
	fi
	finish_url
}

finish_url() {
	attributes "$dest"
	say dest "$dest"
	[ ! -f "$dest" ] || checksum md5 "$dest"
	say md5sum "$sum"
	say_stat "$dest"
}
