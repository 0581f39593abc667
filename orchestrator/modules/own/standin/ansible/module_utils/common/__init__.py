"""Stand-in: the parts that modules share."""
