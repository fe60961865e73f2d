"""Screen sizes other than a desktop's."""

from tests.browser.conftest import Screen

PHONE: Screen = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
