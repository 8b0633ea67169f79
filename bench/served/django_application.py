"""A Django project as its own wsgi.py serves it: which one, the settings say (the product, or the plain one)."""

from django.core.wsgi import get_wsgi_application

from bench.served.counting import counted

application = counted(get_wsgi_application())
