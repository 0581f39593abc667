"""Round trips, memory, fleets; a threshold decides."""
