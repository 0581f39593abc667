# A node's own facts: files NAME.fact in one directory, programs among them run. Needs the prelude.
#
# Value: fact_path. Says for each, in this order: local_path, local_name, local_how (text, ran, failed or lost), local_text.

gather_local() {
	home_path "$fact_path"
	for fact in "$path"/*.fact; do
		if [ -e "$fact" ] || [ -L "$fact" ]; then one_fact "$fact"; fi
	done
}

one_fact() {
	name=${1##*/}
	say local_path "$1"
	say local_name "${name%.fact}"
	if [ ! -e "$1" ]; then
		say local_how lost
		say local_text "Could not stat fact ($1): No such file or directory"
	elif [ ! -x "$1" ]; then
		say local_how text
		say local_text "$(cat -- "$1" 2>/dev/null)"
	elif text=$("$1"); then
		say local_how ran
		say local_text "$text"
	else
		say local_how failed
		say local_text "Failure executing fact script ($1), rc: $?"
	fi
}
