"""The pages that a browser shows for a link: plain HTML that every reader and every screen reader can use."""

from collections.abc import Mapping
from html import escape
from typing import Any

from app.features.change_requests.service import ClientOption, ClientView
from app.features.feedback.schemas import FeedbackView

THANKS = {
    "acknowledged": "Thank you: you have told us that this is fine with you.",
    "concern": "Thank you for telling us what worries you. We get in touch with you before anything changes.",
    "chosen": "Thank you: you have chosen option {option}, and we begin with it.",
    "declined": "Thank you: you have chosen none of them, and everything stays as it is agreed today.",
    "postponed": "Thank you: you have put it off, and we come back to you.",
    "given": "Thank you: your answer has reached us.",
}
STYLE = (
    "body{max-width:40rem;margin:2rem auto;padding:0 1rem;font:1.1rem/1.6 system-ui,sans-serif;color:#1a1a1a;"
    "background:#fff}fieldset{border:1px solid #767676;margin:1rem 0}textarea{width:100%;font:inherit;"
    "border:1px solid #767676}button{font:inherit;padding:.6rem 1.2rem;color:#fff;background:#0b5394;border:0}"
    ":focus-visible{outline:3px solid #b45309;outline-offset:2px}"
)
NOTICE_FORM = """<form method="post">
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


CHANGE_FORM = """<form method="post">
<fieldset>
<legend>What do you choose?</legend>
{options}
<p><input type="radio" id="declined" name="answer" value="declined" required>
<label for="declined">None of them: everything stays as it is agreed today</label></p>
<p><input type="radio" id="postponed" name="answer" value="postponed" required>
<label for="postponed">Not now: come back to me</label></p>
</fieldset>
<p><label for="until">Where it is not now: from which day on? (may be left empty)</label>
<input type="date" id="until" name="until"></p>
<p><label for="text">Why?</label></p>
<textarea id="text" name="text" rows="6" maxlength="4000" required></textarea>
<p><button type="submit">Send the decision</button></p>
</form>"""
FEEDBACK_FORM = """<form method="post">
{csat}
{nps}
<p><label for="comment">What would you like to tell us?</label></p>
<textarea id="comment" name="comment" rows="6" maxlength="4000"></textarea>
<p>Answer what you like, at least one of the three.</p>
<p><button type="submit">Send the answer</button></p>
</form>"""
ANONYMOUS = (
    "Your answer is anonymous: it is kept without your name and without the time, and we read it together with those "
    "of others only. What you write in your own words may still tell who you are."
)
OPTION_ANSWER = "chosen-"
NUMBERS = ("option", "csat", "nps")


def shown(link: Mapping[str, Any]) -> str:
    """What a link is about, with the form where it is not answered yet."""
    change: ClientView | None = link["change"]
    if link["answer"] is not None:
        thanks = THANKS[link["answer"]].format(option=link["option"])
        end = f'<p role="status"><strong>{thanks}</strong></p>'
    elif link["feedback"] is not None:
        end = _feedback(link["feedback"])
    elif change is None:
        end = NOTICE_FORM
    else:
        end = CHANGE_FORM.format(options="\n".join(_choice(option) for option in change.options))
    about = "" if change is None else _about(change, link["option"])
    return _page(link["subject"], "\n".join(part for part in (_paragraphs(link["body"]), about, end) if part))


def sent(fields: Mapping[str, str]) -> dict[str, Any]:
    """The answer that a page's form has sent; what was left empty is left out."""
    # A browser sends two characters for each end of a line, and counts one of them.
    lines = {name: value.replace("\r\n", "\n") for name, value in fields.items()}
    given: dict[str, Any] = {name: value for name, value in lines.items() if value.strip() or name == "answer"}
    if given.get("answer", "").startswith(OPTION_ANSWER):
        given |= {"answer": "chosen", "option": given["answer"].removeprefix(OPTION_ANSWER)}
    for name in NUMBERS:
        if (number := given.get(name, "")).isdecimal() and number.isascii():
            given[name] = int(number[:9])
    return given


def _feedback(view: FeedbackView) -> str:
    form = FEEDBACK_FORM.format(
        csat=_scale("csat", "How satisfied are you?", range(1, 6), "not at all", "very"),
        nps=_scale("nps", "How likely are you to recommend us?", range(11), "not at all", "very likely"),
    )
    return f"<p>{ANONYMOUS}</p>\n{form}" if view.anonymous else form


def _scale(name: str, question: str, numbers: range, least: str, most: str) -> str:
    """A group of radio buttons; the words for both ends belong to their labels."""
    ends = {numbers[0]: f" ({least})", numbers[-1]: f" ({most})"}
    buttons = [
        f'<p><input type="radio" id="{name}-{number}" name="{name}" value="{number}">\n'
        f'<label for="{name}-{number}">{number}{ends.get(number, "")}</label></p>'
        for number in numbers
    ]
    return "\n".join(("<fieldset>", f"<legend>{question}</legend>", *buttons, "</fieldset>"))


def _about(change: ClientView, chosen: int | None) -> str:
    """Whose request it is and until when; once it is answered, the option that was chosen."""
    lines = [f"<p>{escape(change.project)}</p>"]
    if change.decide_by is not None:
        day = change.decide_by
        lines.append(f'<p>Please decide by <time datetime="{day}">{day.day} {day:%B %Y}</time>.</p>')
    lines += [f"<h2>{escape(o.title)}</h2>\n{_details(o)}" for o in change.options if o.number == chosen]
    return "\n".join(lines)


def _choice(option: ClientOption) -> str:
    id = f"option-{option.number}"
    return (
        f'<p><input type="radio" id="{id}" name="answer" value="{OPTION_ANSWER}{option.number}" required '
        f'aria-describedby="{id}-is">\n'
        f'<label for="{id}"><strong>{option.number}. {escape(option.title)}</strong></label></p>\n'
        f'<div id="{id}-is">{_details(option)}</div>'
    )


def _details(option: ClientOption) -> str:
    parts = [f"<p>{escape(option.sentence)}</p>"]
    parts += [_paragraphs(text) for text in (option.value, option.scope) if text]
    facts = []
    if option.price is not None:
        facts.append(f"Price: {escape(option.price)}")
    if option.ready_on is not None:
        day = option.ready_on
        facts.append(f'Ready by: <time datetime="{day}">{day.day} {day:%B %Y}</time>')
    parts += [f"<p>{'<br>'.join(facts)}</p>"] if facts else []
    return "\n".join(parts)


def _paragraphs(text: str) -> str:
    return "\n".join(
        "<p>" + "<br>\n".join(escape(line) for line in part.split("\n")) + "</p>" for part in text.split("\n\n")
    )


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
