#!/bin/sh
echo hello; echo sorry >&2; exit 4
