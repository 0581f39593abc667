"""What the table says of a module is what the module says of itself."""

from orchestrator.modules import canonical, elsewhere, find, full_name, names, works_on_host


def test_who_touches_no_node_is_known_without_importing_it() -> None:
    modules = {name: module for name in names() if (module := find(name)) is not None}
    assert {name for name, module in modules.items() if not module.needs_host} == {
        name for name in modules if not works_on_host(name)
    }
    assert works_on_host("ansible.builtin.copy") and not works_on_host("ansible.builtin.debug")
    assert not works_on_host("dnf") and not works_on_host("no.such.module")


def test_modules_of_collections_that_are_not_here_are_known_by_the_names_that_ansible_has_for_them() -> None:
    assert elsewhere()["community.docker.docker_container"] == elsewhere()["docker_container"]
    assert "community.docker.docker_containr" not in elsewhere() and find("community.docker.docker_containr") is None
    assert not {*elsewhere()} & {*names()} and not {*elsewhere()} & {f"community.general.{name}" for name in names()}
    assert (refused := find("mysql_db")) is not None and refused.name == "community.mysql.mysql_db"
    assert canonical("community.general.launchd") == "community.general.launchd" and not works_on_host("mysql_db")


def test_a_module_has_the_full_name_of_its_collection() -> None:
    for short, full in {
        "copy": "ansible.builtin.copy",
        "git_config": "community.general.git_config",
        "authorized_key": "ansible.posix.authorized_key",
        "openssh_keypair": "community.crypto.openssh_keypair",
        "community.general.launchd": "community.general.launchd",
        "mine": "mine",
    }.items():
        assert full_name(short) == full
