from django.db import models


class Shipped(models.Model):
    """A page that came with the portal has been put in its place; what becomes of it is the editors' affair."""

    key = models.CharField(max_length=100, unique=True)

    def __str__(self) -> str:
        return self.key
