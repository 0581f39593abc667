"""From references to values, and values kept out of sight.

``refs`` parses references, ``resolver`` resolves them at ``sources`` (environment, files, commands), ``stores``
(keychain, 1Password, sops, age) and ``servers`` (Vault, AWS); ``registry`` is the file that lists a team's secrets and
``audit`` what is wrong with it; ``vault`` opens and seals ansible-vault texts; ``redact`` hides what is known,
``search`` looks for it where it should not be.
"""
