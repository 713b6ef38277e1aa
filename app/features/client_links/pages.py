"""The pages that a browser shows for a link: plain HTML that every reader and every screen reader can use."""

from collections.abc import Mapping
from html import escape
from typing import Any

THANKS = {
    "acknowledged": "Thank you: you have told us that this is fine with you.",
    "concern": "Thank you for telling us what worries you. We get in touch with you before anything changes.",
}
STYLE = (
    "body{max-width:40rem;margin:2rem auto;padding:0 1rem;font:1.1rem/1.6 system-ui,sans-serif;color:#1a1a1a;"
    "background:#fff}fieldset{border:1px solid #767676;margin:1rem 0}textarea{width:100%;font:inherit;"
    "border:1px solid #767676}button{font:inherit;padding:.6rem 1.2rem;color:#fff;background:#0b5394;border:0}"
    ":focus-visible{outline:3px solid #b45309;outline-offset:2px}"
)
FORM = """<form method="post">
<h2>Your answer</h2>
<fieldset>
<legend>Is this fine with you?</legend>
<p><input type="radio" id="acknowledged" name="answer" value="acknowledged" required>
<label for="acknowledged">Yes, this is fine with me</label></p>
<p><input type="radio" id="concern" name="answer" value="concern" required>
<label for="concern">I have a concern</label></p>
</fieldset>
<p><label for="text">What would you like to tell us? (needed for a concern)</label></p>
<textarea id="text" name="text" rows="6" maxlength="4000"></textarea>
<p><button type="submit">Send the answer</button></p>
</form>"""


def shown(link: Mapping[str, Any]) -> str:
    """What a link is about, with the form where it is not answered yet."""
    text = "\n".join(
        "<p>" + "<br>\n".join(escape(line) for line in part.split("\n")) + "</p>" for part in link["body"].split("\n\n")
    )
    end = f'<p role="status"><strong>{THANKS[link["answer"]]}</strong></p>' if link["answer"] else FORM
    return _page(link["subject"], f"{text}\n{end}")


def refused(title: str, detail: str) -> str:
    """Why a link does not open, or an answer was not taken."""
    return _page(title, f'<p role="alert">{escape(detail)}</p>')


def _page(title: str, content: str) -> str:
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{escape(title)}</title>
<style>{STYLE}</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{content}
</main>
</body>
</html>
"""
