from typing import TYPE_CHECKING

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.urls import include, path

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse


@login_required
def home(request: "HttpRequest") -> "HttpResponse":
    """The page for whoever is signed in."""
    return render(request, "home.html")


urlpatterns = [path("", home, name="home"), path("accounts/", include("allauth.urls"))]
