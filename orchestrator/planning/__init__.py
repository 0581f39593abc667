"""From files to steps: variables, templates, conditions, selection; pure."""
