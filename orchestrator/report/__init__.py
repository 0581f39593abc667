"""What people and files are told, from events alone."""
