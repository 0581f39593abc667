"""What community's file modules make of a content: pure functions, no node."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.modules.community import authorized_key, cron, ini_file, pamd, ssh_config, sysctl

OLD = "top = 0\n[one]\na = 1\n#b = 2\n\n[two]\na=1\na=2\n"


def ini(content: str, **args: Any) -> tuple[str, str]:
    new, msg = ini_file.changed(content, ini_file.IniArgs.model_validate({"path": "x", **args}))
    return content if new is None else new, msg


@pytest.mark.parametrize(
    ("args", "new"),
    [
        ({"section": "one", "option": "a", "value": "1"}, OLD),
        ({"option": "top", "value": "9"}, OLD.replace("top = 0", "top = 9")),
        ({"option": "new", "value": "9"}, OLD.replace("top = 0\n", "top = 0\nnew = 9\n")),
        ({"section": "one", "option": "b", "value": "3"}, OLD.replace("#b = 2", "b = 3")),
        (
            {"section": "one", "option": "b", "value": "3", "modify_inactive_option": False},
            OLD.replace("#b = 2\n", "b = 3\n#b = 2\n"),
        ),
        ({"section": "two", "option": "a", "value": "2", "no_extra_spaces": True}, OLD.replace("a=1\n", "")),
        ({"section": "two", "option": "a", "values": ["1", "2", "3"], "no_extra_spaces": True}, OLD + "a=3\n"),
        ({"section": "two", "option": "a", "value": "3", "exclusive": False}, OLD + "a = 3\n"),
        ({"section": "two", "option": "a", "values": ["1", "2"], "ignore_spaces": True}, OLD),
        ({"section": "three", "option": "c", "allow_no_value": True}, OLD + "[three]\nc\n"),
        ({"section": "three", "allow_no_value": True}, OLD + "[three]\n"),
        ({"section": "two", "option": "a", "state": "absent"}, OLD.replace("a=1\na=2\n", "")),
        (
            {"section": "two", "option": "a", "value": "2", "exclusive": False, "state": "absent"},
            OLD.replace("a=2\n", ""),
        ),
        ({"section": "two", "state": "absent"}, OLD.partition("[two]")[0]),
        ({"section": "three", "option": "a", "state": "absent"}, OLD),
        ({"option": "top", "state": "absent"}, OLD.replace("top = 0\n", "")),
    ],
)
def test_ini_file(args: dict[str, Any], new: str) -> None:
    assert ini(OLD, **args)[0] == new
    assert ini(new, **args)[0] == new


def test_ini_sections_of_one_name_are_told_apart() -> None:
    old = "[p]\nname = a\nx = 1\n[p]\nname = b\nx = 1\n"
    args = {"section": "p", "section_has_values": [{"option": "name", "value": "b"}], "option": "x", "value": "2"}
    assert ini(old, **args)[0] == "[p]\nname = a\nx = 1\n[p]\nname = b\nx = 2\n"
    third = {**args, "section_has_values": [{"option": "name", "value": "c"}]}
    assert ini(old, **third)[0] == old + "[p]\nname = c\nx = 2\n"


WORD = st.text("abc=#; [x]", min_size=1, max_size=6).map(str.strip).filter(lambda word: word and word[0] not in "#;[=")


@given(st.lists(st.sampled_from(["[s]", "a = 1", "#a = 2", "a=3", "", "; note", "[t]", "b"]), max_size=8), WORD)
def test_ini_present_is_reached_in_one_step(lines: list[str], value: str) -> None:
    args = {"section": "s", "option": "a", "value": value}
    once = ini("".join(f"{line}\n" for line in lines), **args)[0]
    assert ini(once, **args) == (once, "OK")


@pytest.mark.parametrize(
    ("line", "blob"),
    [
        ("ssh-ed25519 AAAAAAAAAAAAAAAAAAAA me", "AAAAAAAAAAAAAAAAAAAA"),
        (
            'command="echo \\"ssh-rsa BBBBBBBBBBBBBBBBBBBB\\"",no-pty ssh-rsa CCCCCCCCCCCCCCCCCCCC',
            "CCCCCCCCCCCCCCCCCCCC",
        ),
        ("sk-ssh-ed25519@openssh.com AAAAAAAAAAAAAAAAAAAA two words", "AAAAAAAAAAAAAAAAAAAA"),
        ("# ssh-rsa AAAAAAAAAAAAAAAAAAAA", None),
        ("nothing", None),
    ],
)
def test_keys_are_found_behind_their_options(line: str, blob: str | None) -> None:
    key = authorized_key.parse(line)
    assert (key.blob if key else None) == blob
    assert key is None or key.line().rstrip() == line


def test_keys_keep_the_lines_of_others() -> None:
    args = authorized_key.KeyArgs(user="me", key="ssh-rsa NEWNEWNEWNEWNEWNEW")
    old = "# note\nssh-rsa OLDOLDOLDOLDOLDOLD x\n"
    assert authorized_key.changed(old, args, args.parsed(args.key)) == f"{old}ssh-rsa NEWNEWNEWNEWNEWNEW \n"


OLD_KEYS = 'ssh-rsa A a b\n# note\nno-pty,command="x, y" ssh-dss B\n'


@pytest.mark.parametrize(
    ("said", "new"),
    [
        ({"key": "ssh-rsa A  a  b"}, OLD_KEYS),
        ({"key": 'command="x, y",no-pty ssh-dss B'}, OLD_KEYS),
        ({"key": "ssh-rsa A other"}, '# note\nno-pty,command="x, y" ssh-dss B \nssh-rsa A other\n'),
        ({"key": "ssh-dss B\n# mine\nssh-rsa C", "exclusive": True}, "ssh-dss B \nssh-rsa C \n"),
        ({"key": "ssh-rsa B", "state": "absent"}, "ssh-rsa A a b\n# note\n"),
        ({"key": "ssh-rsa C", "state": "absent"}, OLD_KEYS),
    ],
)
def test_keys_are_known_by_their_text_and_stand_where_ansible_puts_them(said: dict[str, Any], new: str) -> None:
    args = authorized_key.KeyArgs(user="me", **said)
    assert authorized_key.changed(OLD_KEYS, args, args.parsed(args.key)) == new


def test_ssh_config_changes_one_block_only() -> None:
    old = "# mine\nHost a\n  Port 1\n  Port 2\n\nMatch user x\n  Port 3\nHost a b\n  User y\n"
    args = ssh_config.SshConfigArgs(host="a", port=4, forward_agent=True)
    new = "# mine\nHost a\n    port 4\n    forwardagent yes\n\nMatch user x\n  Port 3\nHost a b\n  User y\n"
    assert ssh_config.changed(old, args) == new == ssh_config.changed(new, args)
    assert ssh_config.changed(new, ssh_config.SshConfigArgs(host="c", state="absent")) == new


def test_cron_replaces_the_entry_of_its_name() -> None:
    args = cron.CronArgs(name="x", job="new", hour="2")
    old = ["a=1", "#Ansible: x", "1 * * * * old", "#Ansible: y", "* * * * * other"]
    new = cron.changed(old, args)
    assert new == ["a=1", "#Ansible: x", "* 2 * * * new", "#Ansible: y", "* * * * * other"]
    before = cron.CronArgs(name="b", job="2", env=True, insertbefore="a")
    assert cron.changed(old, before)[:2] == ['b="2"', "a=1"]


def test_pam_control_in_brackets() -> None:
    old = "auth [success=1  default=ignore] pam_x.so a [b c] # why\n"
    rule = pamd.parse(old)
    assert rule == pamd.Rule("auth", "[success=1 default=ignore]", "pam_x.so", ("a", "[b c]"))
    args = pamd.PamArgs(
        name="x", type="auth", control="[success=1 default=ignore]", module_path="pam_x.so", new_control="required"
    )
    assert pamd.changed(old, args) == ("auth       required pam_x.so a [b c]\n", 1)


def test_sysctl_leaves_a_setting_that_is_written_otherwise() -> None:
    args = sysctl.SysctlArgs(name="kern.x", value="1 2")
    assert sysctl.changed("kern.x = 1 2\n", args) == "kern.x = 1 2\n"
    assert sysctl.changed("kern.xy=3\n", args) == "kern.xy=3\nkern.x=1 2\n"
