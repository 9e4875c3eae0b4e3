import sys

from clinic.running.places import Places
from clinic.running.refusals import CannotRun
from clinic.running.supervisor import Supervisor


def main() -> int:
    try:
        Supervisor(Places.of_environment()).run()
    except CannotRun as refusal:
        print(f"\n{refusal}", file=sys.stderr)
        return 1
    except PermissionError as error:
        print(f"\n{error.filename} belongs to another user; run as that one, or remove it.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
