#!/bin/sh
# WANT_JSON
printf '{"changed": false, "args": %s, "n": %s}' "$(cat "$1")" "$#"
