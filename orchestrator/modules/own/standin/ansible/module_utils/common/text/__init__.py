"""Stand-in: texts and bytes."""
