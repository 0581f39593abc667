"""Memory and processors, from what proc(5) tells."""

from orchestrator.modules.builtin.facts_linux import memory_facts, processor_facts

MEMINFO = """MemTotal:        8388608 kB
MemFree:         4194304 kB
MemAvailable:    6000000 kB
Buffers:          102400 kB
Cached:          1024000 kB
SwapCached:            0 kB
SwapTotal:       1048576 kB
SwapFree:        1048576 kB
"""
X86 = """processor	: {0}
vendor_id	: GenuineIntel
model name	: Intel(R) Xeon(R) Processor
physical id	: 0
siblings	: 4
core id		: {0}
cpu cores	: 2
flags		: fpu vme
"""


def test_memory_in_mebibytes() -> None:
    assert memory_facts(MEMINFO) == {
        "memtotal_mb": 8192,
        "memfree_mb": 4096,
        "swaptotal_mb": 1024,
        "swapfree_mb": 1024,
        "memory_mb": {
            "real": {"total": 8192, "used": 4096, "free": 4096},
            "nocache": {"free": 5196, "used": 2996},
            "swap": {"total": 1024, "free": 1024, "used": 0, "cached": 0},
        },
    }


def test_memory_of_which_little_is_told() -> None:
    assert memory_facts("") == {}
    facts = memory_facts("MemTotal: 2048 kB")
    assert facts["memtotal_mb"] == 2 and "memfree_mb" not in facts
    assert facts["memory_mb"]["real"] == {"total": 2, "used": None, "free": None}
    assert facts["memory_mb"]["nocache"] == {"free": None, "used": None}


def test_processors_with_sockets() -> None:
    facts = processor_facts("\n".join(X86.format(number) for number in range(4)), "x86_64")
    assert facts.pop("processor")[:4] == ["0", "GenuineIntel", "Intel(R) Xeon(R) Processor", "1"]
    assert facts == {
        "flags": ["fpu", "vme"],
        "processor_count": 1,
        "processor_cores": 2,
        "processor_threads_per_core": 2,
        "processor_vcpus": 4,
        "processor_nproc": 4,
    }


def test_processors_without_sockets() -> None:
    facts = processor_facts("processor\t: 0\nBogoMIPS\t: 48.00\n\nprocessor\t: 1\nBogoMIPS\t: 48.00\n", "aarch64")
    assert facts["processor"] == ["0", "1"]
    assert (facts["processor_count"], facts["processor_cores"], facts["processor_vcpus"]) == (2, 1, 2)
    assert processor_facts("", "aarch64") == {}
