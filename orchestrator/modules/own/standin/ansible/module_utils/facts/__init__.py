"""Stand-in: small questions that modules ask as facts do."""
