"""What a web server calls."""

from django.core.wsgi import get_wsgi_application
from django.db.backends.signals import connection_created

from tracker import faults, starting

starting.load_settings(starting.GUNICORN_GIVES_UP)
application = get_wsgi_application()
starting.report_settings(starting.GUNICORN_GIVES_UP)
connection_created.connect(faults.limit)
