#!/usr/bin/env python
"""Django's command line for the tracker."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tracker.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from django.db import Error

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A wrong setting is the operator's to mend: one sentence, no trace of our code.
        sys.exit(f"设置有误：{error}")
    except Error as error:
        from tracker import faults
        from zones.commands import first_line

        fault = None if "--traceback" in sys.argv else faults.diagnose(error)
        if fault is None:
            raise
        sys.exit(f"{fault.advice}：{first_line(error)}")


if __name__ == "__main__":
    main()
