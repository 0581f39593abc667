"""Stand-in: words with a meaning."""
