"""What service_facts makes of the lines of service(8)."""

from orchestrator.modules.builtin.service_facts import services


def test_services() -> None:
    found = services(" [ + ]  cron\n [ - ]  ssh\n [ ? ]  hwclock.sh\n")
    assert found == {
        "cron": {"name": "cron", "state": "running", "source": "sysv"},
        "ssh": {"name": "ssh", "state": "stopped", "source": "sysv"},
    }
