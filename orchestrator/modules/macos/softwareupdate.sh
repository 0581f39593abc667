# The updates that this Mac knows of. Nothing is installed; Apple is asked only where `scan` is true.

updates_main() {
	probe schedule softwareupdate --schedule
	if [ "$scan" = true ]; then
		probe list softwareupdate --list
	else
		probe list softwareupdate --list --no-scan
	fi
	probes_say
}
