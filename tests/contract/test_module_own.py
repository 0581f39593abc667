"""Modules of the user's own, in any language, on every shell we promise; those in Python on this machine."""

import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from orchestrator.model.program import Upload
from orchestrator.model.results import Result, SetFacts
from orchestrator.modules.base import Module
from orchestrator.modules.own import own
from tests.contract import driver
from tests.contract.driver import FakeContext, Node

node = driver.node
AWKWARD = {"text": 'it\'s "$(id)" ü\n*', "list": [1, {"a": None}], "yes": True}


def module(tmp_path: Path, name: str, content: str | bytes, **more: Any) -> Module[Any]:
    path = tmp_path / "library" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return own(str(path), path.stem, more.get("collection"), more.get("utils", ()), more.get("collections", ()))


WANTS_JSON = """#!/bin/sh
# WANT_JSON
mode=$(ls -l "$1"); mode=${mode%"${mode#??????????}"}
printf '{"changed": true, "args": %s, "mode": "%s", "count": %s, "kind": "%s"}' "$(cat "$1")" "$mode" "$#" "$KIND"
"""


def test_a_program_that_wants_json(node: Node, tmp_path: Path) -> None:
    ctx = FakeContext(check=True, diff=True, environment={"KIND": "a b"}, verbosity=2)
    result = node.play_module(module(tmp_path, "wants.sh", WANTS_JSON), AWKWARD, ctx)
    assert result.changed and not result.failed, result
    assert result.data["args"] == AWKWARD  # what is between Ansible and its modules is not registered
    assert (result.data["mode"], result.data["count"], result.data["kind"]) == ("-rw-------", 1, "a b")
    assert node.runs() == 1


def test_a_program_is_told_of_check_mode_and_the_like(node: Node, tmp_path: Path) -> None:
    told = '#!/bin/sh\n# WANT_JSON\nprintf \'{"told": [%s]}\' "$(cat "$1")" | sed \'s/_ansible_/of_/g\'\n'
    ctx = FakeContext(check=True, diff=True, no_log=True, verbosity=3)
    (said,) = node.play_module(module(tmp_path, "told", told), {}, ctx).data["told"]
    wanted = {"of_check_mode": True, "of_diff": True, "of_no_log": True, "of_verbosity": 3, "of_module_name": "told"}
    assert wanted.items() <= said.items()


def test_a_program_may_have_its_arguments_in_its_own_text(node: Node, tmp_path: Path) -> None:
    told = "<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>"
    text = f'#!/bin/sh\ncat <<\'END\'\n{{"changed": true, "args": {told}}}\nEND\n'
    result = node.play_module(module(tmp_path, "inside", text), {"a": AWKWARD})
    assert result.changed and result.data["args"] == {"a": AWKWARD}


def test_a_program_of_the_old_kind_reads_words(node: Node, tmp_path: Path) -> None:
    shown = """printf '{"got": "%s", "check": "%s"}\\n' "$name" "$_ansible_check_mode"\n"""
    text = f'#!/bin/sh\n. "$1"\necho noise first\n{shown}'
    result = node.play_module(module(tmp_path, "old", text), {"name": "a b'c", "other": 3})
    assert result.data == {"got": "a b'c", "check": "False"} and not result.changed


def test_a_large_module_travels_as_a_file(node: Node, tmp_path: Path) -> None:
    text = WANTS_JSON + "# " + "x" * 300_000
    result = node.play_module(module(tmp_path, "large.sh", text), {"a": 1})
    assert result.data["args"] == {"a": 1}
    (upload,) = (each for each in node.asked if isinstance(each, Upload))
    assert not Path(upload.path).exists()


def test_a_binary_is_started_by_itself(node: Node, tmp_path: Path) -> None:
    # A file that begins as no text does is one; what runs it is the system: here the shell, after a line of its own.
    binary = b'#!/bin/sh\n# \0\1\2\ncat <<\'E\'\n{"changed": true, "n": 1}\nE\n'
    result = node.play_module(module(tmp_path, "binary", binary), {})
    assert (result.changed, result.data) == (True, {"n": 1})


@pytest.mark.parametrize(
    ("text", "msg", "rc"),
    [
        ("#!/bin/sh\necho hi; echo sorry >&2; exit 4\n", "deserialization failed: No start of json char found", 4),
        ("#!/bin/sh\necho '{\"a\": 1'\n", "deserialization failed: No end of json char found", 0),
        ("#!/no/such/thing -x\n{}\n", "The module interpreter '/no/such/thing -x' was not found.", 127),
        ("#!/etc/passwd\n{}\n", "The module interpreter '/etc/passwd' may not be started by this user.", 126),
        ("echo '{}'\n", "is missing interpreter line", None),
        ("#!powershell\n#Requires -Module x\n", "is a module for Windows", None),
        ("#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n", "needs Python on the node", None),
        ("#!/usr/bin/env python3\n# WANT_JSON\n", "needs Python on the node", None),
    ],
)
def test_what_cannot_be_run(node: Node, tmp_path: Path, text: str, msg: str, rc: int | None) -> None:
    result = node.play_module(module(tmp_path, "broken", text), {})
    assert result.failed and msg in (result.msg or ""), result
    assert result.data.get("rc") == rc
    if rc == 4:
        assert (result.data["module_stdout"], result.data["module_stderr"]) == ("hi\n", "sorry\n")


def test_a_variable_names_another_interpreter(node: Node, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text('#!/bin/sh\nprintf \'{"by": "other", "with": "%s"}\' "$1"\n')
    other.chmod(0o755)
    ctx = FakeContext(variables={"ansible_ruby_interpreter": str(other)})
    assert node.play_module(module(tmp_path, "x.rb", "#!/usr/bin/ruby -w\n"), {}, ctx).data == {
        "by": "other",
        "with": "-w",
    }


# ---- Python, here ----------------------------------------------------------------------------------------------

HERE = FakeContext(local=True)
GREETS = """#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.mine import greeting
module = AnsibleModule({"name": {"required": True}, "secret": {"no_log": True}}, supports_check_mode=True)
module.warn("careful")
module.deprecate("old", version="9", collection_name="a.b")
rc, out, err = module.run_command(["cat"], data=module.params["secret"] or "nothing")
facts = {"f": 1, "ansible_host": "x"}
module.exit_json(changed=True, said=greeting(module.params["name"]), out=out, ansible_facts=facts)
"""


def local(tmp_path: Path, text: str, args: dict[str, Any], ctx: FakeContext = HERE, **more: Any) -> Result:
    home = tmp_path / "home"
    home.mkdir(exist_ok=True)
    return Node(driver.Shell(("/bin/sh",), home)).play_module(module(tmp_path, "mine_too.py", text, **more), args, ctx)


def test_python_runs_here_with_what_it_imports(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text("def greeting(name): return 'hello ' + name\n")
    result = local(tmp_path, GREETS, {"name": "you", "secret": "s3cret"}, utils=(str(tmp_path),))
    assert not result.failed, result
    assert (result.data["said"], result.data["out"]) == ("hello you", "********\n")
    hidden = {"name": "you", "secret": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"}
    assert result.data["invocation"] == {"module_args": hidden}
    assert result.warnings == ("careful",)
    (said,) = result.deprecations
    assert (said["msg"], said["version"], said["collection_name"]) == ("old", "9", "a.b")
    assert result.effects == (SetFacts(values={"f": 1}, discovered=True),)


def test_a_module_of_a_collection_imports_beside_itself(tmp_path: Path) -> None:
    plugins = tmp_path / "ansible_collections" / "ns" / "col" / "plugins"
    (plugins / "modules").mkdir(parents=True)
    (plugins / "module_utils").mkdir()
    (plugins / "module_utils" / "one.py").write_text("from .two import two\none = 1 + two\n")
    (plugins / "module_utils" / "two.py").write_text("two = 2\n")
    path = plugins / "modules" / "sums.py"
    path.write_text(
        "from ..module_utils.one import one\nfrom ansible_collections.ns.col.plugins.module_utils import two\n"
        "from ansible.module_utils.basic import AnsibleModule\nAnsibleModule({}).exit_json(sum=one + two.two)\n"
    )
    home = tmp_path / "home"
    home.mkdir()
    found = own(str(path), "ns.col.sums", "ns.col", (), (str(tmp_path),))
    assert Node(driver.Shell(("/bin/sh",), home)).play_module(found, {}, HERE).data["sum"] == 5


@pytest.mark.parametrize(
    ("body", "msg"),
    [
        ("raise ValueError('no such thing')", "Task failed: Module failed: no such thing"),
        ("pass", "Task failed: Module failed: New-style module did not handle its own exit."),
        (
            "import ansible.module_utils.cloud",
            "Task failed: Could not find imported module support code for ansible.legacy.mine_too. Looked for "
            "(['ansible.module_utils.cloud'])",
        ),
        (
            "from ansible.module_utils.cloud import retry",
            "Task failed: Could not find imported module support code for ansible.legacy.mine_too. Looked for "
            "(['ansible.module_utils.cloud.retry', 'ansible.module_utils.cloud'])",
        ),
        (
            "try:\n  import ansible.module_utils.cloud\nexcept ImportError as error:\n  raise ValueError(str(error))",
            "Task failed: Module failed: No module named 'ansible.module_utils.cloud'",
        ),
        ("raise SystemExit(3)", "Module result deserialization failed: No start of json char found"),
        ("raise OSError('b') from KeyError('a')", "Task failed: Module failed: b: 'a'"),
    ],
)
def test_python_that_goes_wrong(tmp_path: Path, body: str, msg: str) -> None:
    result = local(tmp_path, f"from ansible.module_utils.basic import AnsibleModule\n{body}\n", {})
    assert result.failed and result.msg == msg
    assert "exception" not in result.data


def test_a_traceback_is_told_to_those_who_ask_for_more(tmp_path: Path) -> None:
    text = "from ansible.module_utils.basic import AnsibleModule\n1 / 0\n"
    result = local(tmp_path, text, {}, FakeContext(local=True, verbosity=3))
    assert "line 2" in result.data["exception"] and "ZeroDivisionError" in result.data["exception"]


def test_another_python_may_be_named_and_old_kinds_of_python_run_here(tmp_path: Path) -> None:
    body = "import json, sys\nprint(json.dumps({'given': json.load(open(sys.argv[1]))}))\n"
    text = f"#!/usr/bin/python -B\n# WANT_JSON\n{body}"
    assert local(tmp_path, text, {"a": 1}).data == {"given": {"a": 1}}
    wrapper = tmp_path / "python"
    wrapper.write_text('#!/bin/sh\necho \'{"by": "wrapper"}\'\n')
    wrapper.chmod(0o755)
    for chosen, wanted in ((str(wrapper), {"by": "wrapper"}), ("auto_silent", {"given": {"a": 1}})):
        ctx = FakeContext(local=True, variables={"ansible_python_interpreter": chosen})
        assert local(tmp_path, text, {"a": 1}, ctx).data == wanted


def test_nothing_that_a_module_is_given_is_seen_by_others(tmp_path: Path) -> None:
    text = (
        "import os, sys\nfrom ansible.module_utils.basic import AnsibleModule\nm = AnsibleModule({'v': {}})\n"
        "m.exit_json(seen='hidden-value' in repr((sys.argv, dict(os.environ))), argv=len(sys.argv))\n"
    )
    assert local(tmp_path, text, {"v": "hidden-value"}).data["seen"] is False


def test_files_that_modules_change_are_as_they_ask(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("old\n")
    text = (
        "from ansible.module_utils.basic import AnsibleModule\n"
        "m = AnsibleModule({'path': {'type': 'path'}}, add_file_common_args=True, supports_check_mode=True)\n"
        "new = m.params['path'] + '.new'\nopen(new, 'w').write('new\\n')\n"
        "before = m.sha1(m.params['path'])\ncopy = m.backup_local(m.params['path'])\n"
        "m.atomic_move(new, m.params['path'])\ndiff = {}\n"
        "changed = m.set_fs_attributes_if_different(m.load_file_common_arguments(m.params), False, diff)\n"
        "m.exit_json(changed=changed, path=m.params['path'], before=before, copy=copy, diff=diff)\n"
    )
    result = local(tmp_path, text, {"path": str(target), "mode": "u=rw,g+r,o="})
    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("new\n", 0o640)
    assert Path(result.data["copy"]).read_text() == "old\n"
    assert result.data["before"] == hashlib.sha1(b"old\n").hexdigest()
    assert (result.data["mode"], result.data["state"], result.data["size"]) == ("0640", "file", 4)
    assert result.diff and json.loads(result.diff[0].after) == {"mode": "0640"}
    assert result.data["uid"] == os.getuid()
