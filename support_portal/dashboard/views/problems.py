"""Pages for what went wrong.  The one for our own failures asks nothing of the database."""

from http import HTTPStatus

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that the request made no sense, or that it was too large."""
    status = (
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        if isinstance(exception, RequestDataTooBig)
        else HTTPStatus.BAD_REQUEST
    )
    return without_database(request, status)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what may not be done, in the words of the view that refused."""
    return render(request, "403.html", {"reason": str(exception)}, status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is no such page."""
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that we failed."""
    return without_database(request, HTTPStatus.INTERNAL_SERVER_ERROR)


def without_database(request: HttpRequest, status: HTTPStatus) -> HttpResponse:
    """Render without context processors: no session, no user, no query; only the theme is kept."""
    page = loader.get_template(f"{status.value}.html")
    return HttpResponse(page.render({"cookies": request.COOKIES}), status=status)
