# oc_try: is the configuration `candidate` good, by `command` or by the product's own validation?
oc_try() {
	oc_find
	[ -r "$candidate" ] || die "$candidate cannot be read"
	OPENCLAW_CONFIG_PATH=$candidate
	export OPENCLAW_CONFIG_PATH
	if [ -n "$command" ]; then
		sh -c "$command" >/dev/null 2>&1 </dev/null && say good yes || say good no
	else
		oc_cli config validate --json >/dev/null 2>&1 </dev/null && say good yes || say good no
	fi
}
