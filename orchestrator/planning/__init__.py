"""From files to steps: variables, templates, conditions, selection.

Ways in:

- ``render.Renderer(variables, plugins=, surroundings=)``: ``.value(any)``, ``.text(Text)``, ``.condition(x) -> bool``,
  ``.expression(text)``, ``.template(source, TemplateOptions(), name=)``, ``.extended(more) -> Renderer``;
- ``variables.Variables(inventory, run=RunFacts(…), …)``: told ``learn set include prompted read_files export``, asked
  ``renderer(Moment(…))`` or ``layers(Moment(…))``;
- ``conditions.judge(conditions, renderer) -> Verdict``;
- ``select.tags_of(written, renderer)`` and ``select.is_selected(tags, only, skip)``;
- ``loops.loop_items(task, renderer)``, ``loop_control``, ``turn_variables``, ``label_of``;
- ``vars_files.load_vars_files(play, renderer, load)``;
- ``plugins.builtin().with_user(filters=, tests=, lookups=)``: the one place where a user's own plug-ins come in.
"""
