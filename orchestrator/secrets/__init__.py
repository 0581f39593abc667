"""From references to values, and values kept out of sight.

``refs`` parses and resolves references, ``vault`` opens and seals ansible-vault texts, ``redact`` hides what is known.
"""
