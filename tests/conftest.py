"""Settings that all tests share: how long property tests look, and the case that most tests speak of."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "fast", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
settings.register_profile("long", max_examples=2_000, deadline=None, parent=settings.get_profile("fast"))
settings.load_profile("fast")
