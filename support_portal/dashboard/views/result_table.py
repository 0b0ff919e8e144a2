"""Rows of a result page as a table to take along."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from support_portal.dashboard.pasted import cleaned
from support_portal.writing.guarding import guarded

TSV, MARKDOWN = "tsv", "md"


@require_POST
def result_table(request: HttpRequest) -> HttpResponse:
    """Show the ticked rows as text, or all when none is; scripts and downloads get it bare.

    The page sends its rows along, so the table says exactly what the page said.
    """
    lines = cleaned(request.POST.get("table", "")).replace("\r", "").split("\n")
    ticked = {row.partition(" ")[0] for row in request.POST.getlist("row")}
    head, *rows = [line.split("\t") for line in lines]
    chosen = [row for row in rows if not ticked or row[0] in ticked]
    markdown = request.POST.getlist("format")[-1:] == [MARKDOWN]  # a button may follow the field
    text = (as_markdown if markdown else as_tsv)([head, *chosen])
    if "download" in request.POST or request.headers.get("Accept") == "text/plain":
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        if "download" in request.POST:
            name = f"lookup.{MARKDOWN if markdown else TSV}"
            response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response
    context = {
        "text": text,
        "markdown": markdown,
        "count": len(chosen),
        "total": len(rows),
        "table": request.POST.get("table", ""),
        "ticked": request.POST.getlist("row"),
    }
    return render(request, "lookup/table.html", context)


def as_tsv(rows: Sequence[Sequence[str]]) -> str:
    """Return rows for a spreadsheet."""
    return "\n".join("\t".join(map(guarded, row)) for row in rows) + "\n"


def as_markdown(rows: Sequence[Sequence[str]]) -> str:
    """Return rows for a chat or a ticket."""
    head, *rest = (["".join(map(_no_markup, cell)) for cell in row] for row in rows)
    rule = ["---"] * len(head)
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rest)) + "\n"


def _no_markup(sign: str) -> str:
    return f"\\{sign}" if sign in r"\`*_[]<>|~" else sign
