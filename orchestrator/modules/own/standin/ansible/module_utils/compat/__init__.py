"""Stand-in: what older Pythons lacked."""
