"""What stat(1) and lsattr(1) tell beside the fields that every module asks for."""

from orchestrator.modules.builtin.stat import attributes, beyond

FIELDS = "33188|0|0|12|1.0|1.0|1.0|0|7|1|65024|8|root|root"


def test_block_size_and_device() -> None:
    assert beyond(FIELDS) == {} == beyond("")
    assert beyond(f"{FIELDS}|4096|0|0") == {"block_size": 4096, "device_type": 0}
    assert beyond(f"{FIELDS}|4096|1|3")["device_type"] == 0x103
    assert beyond(f"{FIELDS}|4096|103|12345")["device_type"] == 0x12310345
    mac = {"block_size": 4096, "device_type": 0, "flags": 524320, "generation": 0}
    assert beyond(f"{FIELDS}|4096|0|524320|0") == mac


def test_attributes_of_lsattr() -> None:
    assert attributes("") == {"version": None, "attributes": [], "attr_flags": ""}
    told = attributes("3236542 ----i---------e------- /srv/a b")
    assert told == {"version": "3236542", "attributes": ["immutable", "extents"], "attr_flags": "ie"}
