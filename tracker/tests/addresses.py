"""The product's addresses with others in their place, and its own pages for what goes wrong."""

from types import ModuleType

from tracker import urls


def addresses(*patterns):
    """For `settings.ROOT_URLCONF`."""
    module = ModuleType("addresses_of_a_test")
    module.urlpatterns = list(patterns)
    for name in ("handler400", "handler403", "handler404", "handler500"):
        setattr(module, name, getattr(urls, name))
    return module
