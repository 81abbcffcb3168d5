"""What this machine says of itself; each machine says its own."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from django.conf import settings
from prometheus_client.core import GaugeMetricFamily

if TYPE_CHECKING:
    from collections.abc import Iterator


class Disk:
    """How much room there is where the data directory is; nothing where that cannot be told."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Asked of the system each time."""
        try:
            usage = shutil.disk_usage(settings.DATA_DIR)
        except OSError:
            return
        yield GaugeMetricFamily(
            "kundenportal_disk_free_bytes", "Room left where the data directory is.", value=usage.free
        )
        yield GaugeMetricFamily("kundenportal_disk_bytes", "All the room there is.", value=usage.total)
