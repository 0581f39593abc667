# The node's clock in seconds since 1970, as exactly as this macOS can print it; `sent` comes back, so that an answer
# kept from an earlier try cannot pass for a fresh one.

# tick NAME: zsh's and perl's clocks have fractions on every macOS; date(1) has %N only from 15.4
tick() {
	# shellcheck disable=SC2016  # zsh expands it
	now=$(zsh -fc 'zmodload zsh/datetime && print -r -- "$EPOCHREALTIME"' 2>/dev/null) && say "$1" "$now" && return
	now=$(perl -MTime::HiRes=time -e 'printf "%.6f", time' 2>/dev/null) && say "$1" "$now" && return
	say "$1" "$(date +%s)"
}

clock_main() {
	tick clock
	say sent "$sent"
}
