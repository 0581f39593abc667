# A pair of SSH keys. Needs the prelude and files.
#
# Values: path_given type size comment has_comment regenerate state mode owner group check. ssh-keygen -l prints
# "SIZE DIGEST COMMENT (TYPE)"; with -y and an empty passphrase it prints the public key, or fails where the private one is sealed or broken.

keypair_main() {
	command -v ssh-keygen >/dev/null || die 'Cannot find the OpenSSH binary in the PATH'
	expand "$path_given"
	key=$path
	say filename "$key"
	folder "$key"
	[ -d "$dir" ] || die "The directory $dir does not exist or the file is not a directory"
	[ ! -d "$key" ] || die "$key is a directory. Please specify a path to a file."
	look_at_key
	if [ "$state" = absent ]; then
		remove_pair
	else
		see_to_pair
		[ "$check" = true ] || look_at_key
		for each in "$key" "$key.pub"; do attributes "$each"; done
	fi
	tell_pair
}

# look_at_key: sets known_size known_type digest of the private key, `public` that belongs to it, and `beside`, the file's
look_at_key() {
	known_size='' known_type='' digest='' public='' beside=''
	[ ! -e "$key.pub" ] || IFS= read -r beside <"$key.pub"
	[ -e "$key" ] || return 0
	about=$(ssh-keygen -l -f "$key" 2>/dev/null) || return 0
	known_size=${about%% *}
	digest=${about#* }
	digest=${digest%% *}
	known_type=${about##*\(}
	known_type=$(printf '%s' "${known_type%)*}" | tr '[:upper:]' '[:lower:]')
	public=$(ssh-keygen -P '' -y -f "$key" 2>/dev/null </dev/null)
}

see_to_pair() {
	case $regenerate in
	never | fail | partial_idempotence) [ ! -e "$key" ] || [ -n "$public" ] || die "Unable to read the key. The key is protected \
with a passphrase or broken. Will not proceed. To force regeneration, call the module with \`generate\` set to \
\`full_idempotence\` or \`always\`, or with \`force=true\`." ;;
	esac
	if must_generate; then
		generate
	elif ! fits_beside; then
		restore_public
	fi
}

must_generate() {
	[ -n "$known_type" ] || return 0
	case $regenerate in
	never) return 1 ;;
	always) return 0 ;;
	esac
	[ "$known_size" != "$size" ] || [ "$known_type" != "$type" ] || return 1
	[ "$regenerate" != fail ] || die "Key has wrong type and/or size. Will not proceed. To force regeneration, call the module \
with \`generate\` set to \`partial_idempotence\`, \`full_idempotence\` or \`always\`, or with \`force=true\`."
}

# fits_beside: whether the public key's file holds the key that belongs here, and the comment that is wanted, if any
fits_beside() {
	words_of "$public"
	wanted=$words
	words_of "$beside"
	[ -n "$beside" ] && [ "$words" = "$wanted" ] || return 1
	[ "$has_comment" = false ] || [ "$rest" = "$comment" ]
}

# words_of LINE: sets `words` to the type and key of a public key, `rest` to its comment
words_of() {
	rest=${1#* }
	words="${1%% *} ${rest%% *}"
	case $rest in *' '*) rest=${rest#* } ;; *) rest='' ;; esac
}

# generate: both files are made in a directory of their own, and moved into place
generate() {
	say changed true
	[ "$check" = false ] || return 0
	place=$(umask 077 && mktemp -d "$dir/.orch.XXXXXX" 2>&1) || die "$dir is not writable: $place"
	why=$(ssh-keygen -q -N '' -b "$size" -t "$type" -f "$place/key" -C "$comment" 2>&1 </dev/null) || {
		rm -rf "$place"
		die "ssh-keygen: $why"
	}
	keep_mode "$key" "$place/key"
	keep_mode "$key.pub" "$place/key.pub"
	why=$(mv -f "$place/key" "$key" 2>&1 && mv -f "$place/key.pub" "$key.pub" 2>&1) || { rm -rf "$place" && die "$why"; }
	rm -rf "$place"
}

# keep_mode OLD NEW: gives a new file the permissions of the one whose place it takes
keep_mode() {
	stat_of "$1" -L
	[ "$s_kind" = absent ] || chmod "$s_mode" "$2"
}

restore_public() {
	say changed true
	[ "$check" = false ] || return 0
	[ -n "$public" ] || die 'The public key is missing or does not match the private key. Unable to regenerate the public key.'
	words_of "$public"
	printf '%s\n' "$words${comment:+ $comment}" >"$key.pub" || die "could not write $key.pub"
	[ -z "$comment" ] || why=$(ssh-keygen -q -c -C "$comment" -P '' -f "$key" 2>&1 </dev/null) || die "ssh-keygen -c: $why"
}

remove_pair() {
	[ -e "$key" ] || [ -e "$key.pub" ] || return 0
	say changed true
	[ "$check" = true ] || rm -f -- "$key" "$key.pub" || die "could not remove $key"
}

tell_pair() {
	words_of "$beside"
	[ -z "$beside" ] || say public_key "$words"
	say comment "$rest"
	say fingerprint "$digest"
}
