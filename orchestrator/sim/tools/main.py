"""Entry of every simulated tool: `main.py MAC_DIR TOOL [ARGUMENT...]`, run isolated and without site."""

import os
import sys


def main() -> int:
    """Run the tool and return its exit status; what it refuses goes to stderr in its own words."""
    package = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    sys.path.insert(0, os.path.dirname(package))
    from orchestrator.sim.tools.base import Mac, Refusal
    from orchestrator.sim.tools.table import load

    try:
        status = load(sys.argv[2])(Mac(sys.argv[1]), sys.argv[3:])
        sys.stdout.flush()
    except Refusal as refusal:
        sys.stdout.flush()
        sys.stderr.write(refusal.text)
        return refusal.code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 141
    return status


if __name__ == "__main__":
    sys.exit(main())
