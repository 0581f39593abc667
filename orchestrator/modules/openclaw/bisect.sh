# oc_try: is the configuration `candidate` good, by `command` or by the product's own validation?
oc_try() {
	oc_find
	[ -r "$candidate" ] || die "$candidate cannot be read"
	OPENCLAW_CONFIG_PATH=$candidate
	export OPENCLAW_CONFIG_PATH
	if oc_judged >/dev/null 2>&1 </dev/null; then say good yes; else say good no; fi
}

oc_judged() {
	if [ -n "$command" ]; then sh -c "$command"; else oc_cli config validate --json; fi
}
