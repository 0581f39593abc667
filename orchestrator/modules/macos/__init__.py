"""What is special to macOS: its modules and the parsers of what its commands print."""
