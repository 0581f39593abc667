# The product's own examinations, by its command line, which print JSON; none of them changes anything but doctor --fix.

oc_audit() {
	oc_find
	probe audit oc_cli secrets audit --check --json
	probes_say
}

oc_doctor() {
	oc_find
	[ "$fix" = false ] || oc_cli doctor --fix --non-interactive >&2 </dev/null || die "doctor --fix ended with exit status $?"
	probe doctor oc_cli doctor --lint --json --severity-min error
	[ "$security" = false ] || probe security oc_cli security audit --json
	probes_say
}
