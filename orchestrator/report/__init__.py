"""What people and files are told, from events alone.

``transcript`` speaks as ansible-playbook does and ``adhoc`` as ansible does; ``output`` prints them plainly,
``screen`` on a terminal. ``jsonl`` is for programs; ``html``, ``junit`` and ``markdown`` render the ``story`` of a
whole run.
"""
