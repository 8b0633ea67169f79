"""Whether this machine's web process works, for a container's health check: ``python -I tracker/probe.py``.

Ends with 0 when ``/readyz`` answers 200, else with 1 and one line. Knows nothing of the product, so that it costs a
tenth of a second and not the two that loading the product takes. The host name is the one of ``SITE_URL``, because
the product answers to no other.
"""

import http.client
import os
import sys
from typing import Final
from urllib.parse import urlsplit

PATIENCE: Final = 8  # seconds


def main(port: int = 8000) -> None:
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        link.request("GET", "/readyz", headers={"Host": urlsplit(os.environ.get("SITE_URL", "")).netloc or "127.0.0.1"})
        answer = link.getresponse()
        words = answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        sys.exit(f"/readyz: {error}")
    finally:
        link.close()
    if answer.status != 200:
        sys.exit(f"/readyz: {answer.status} {words}")


if __name__ == "__main__":
    main()
