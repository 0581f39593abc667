"""What the table says of a module is what the module says of itself."""

from orchestrator.modules import find, names, works_on_host


def test_who_touches_no_node_is_known_without_importing_it() -> None:
    modules = {name: module for name in names() if (module := find(name)) is not None}
    assert {name for name, module in modules.items() if not module.needs_host} == {
        name for name in modules if not works_on_host(name)
    }
    assert works_on_host("ansible.builtin.copy") and not works_on_host("ansible.builtin.debug")
    assert not works_on_host("apt") and not works_on_host("no.such.module")
