"""Write down what the library knows of each instrument, with worked examples."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from dyads.ratings.instruments import Instrument, Instruments, Scale
from dyads.ratings.shelf import shelved
from dyads.ratings.worked_examples import WorkedExample, worked_examples

_HEAD: Final = """\
# Instruments of the library

Generated from `src/dyads/ratings/library` and `src/dyads/ratings/worked_examples.yaml` by
`make schemas`. What is here are keys: which items make a scale, which are turned, what is added up.
Items themselves belong to their owners; they are named by their number or code in the source. A
study takes an instrument by its name, and may set anything anew beside it:

```yaml
mood: {library: panas}
depression: {library: phq9, missing_share: 0}
```

The answers of the examples are made up, and their scores were counted by hand by the rule that is
named; the sources print rules and keys, not answered sheets. A test holds the program to every one.

## Codes, words and unanswered items

`ratings.tsv` holds the code of an answer, as it is printed on the form. Where the library knows the
words of the answers, a cell with such words is a fault that says which code belongs there. For the
following it does not, because the words are the owner's, differ from item to item, could not be
looked up, or because there are figures or a grid in place of words:
<without>.
A cell with words is a fault there as well, but what code it stands for is not told, and no such
answer is translated: enter codes. Your own `instruments.yaml` may list the words beside `library`,
as `responses: {1: never, 5: always}`; then they are told.

An item that is turned counts lowest + highest answer - answer. A scale has a score if no larger
share of its items is unanswered than is said below; the answered ones then stand for all."""


def library_page() -> str:
    """Describe every instrument of the library as a page of Markdown."""
    library = Instruments.model_validate(shelved()).root
    without = [f"`{name}`" for name, instrument in library.items() if not instrument.responses]
    lines = [_HEAD.replace("<without>", ", ".join(without))]
    for name, instrument in library.items():
        lines += ["", f"## {name}", "", *_described(instrument)]
        for example in worked_examples()[name]:
            lines += ["", _told(example, instrument)]
    return "\n".join(lines) + "\n"


def _described(instrument: Instrument) -> Iterator[str]:
    yield f"{instrument.title}."
    yield ""
    yield f"- Source: {instrument.source}"
    yield f"- Licence: {instrument.licence}"
    yield f"- Answers: {_answers(instrument)}."
    share = f"Largest share: {instrument.missing_share:g}."
    yield f"- Unanswered items: {instrument.missing_rule} {share}"
    yield ""
    yield "| scale | items | turned | score | from | to |"
    yield "|---|---|---|---|---|---|"
    for name, scale in instrument.scales.items():
        lowest, highest = instrument.score_range(scale)
        turned = _items(scale.reverse) or "none"
        yield (
            f"| `{name}` | {_items(scale.items)} | {turned} | {_score(scale)} | {lowest:g} | "
            f"{highest:g} |"
        )


def _answers(instrument: Instrument) -> str:
    span = f"{instrument.minimum:g} to {instrument.maximum:g}"
    step = f" in steps of {instrument.step:g}" if instrument.step else ", any number between"
    words = ", ".join(f"{code:g} {words}" for code, words in instrument.responses.items())
    counted = ""
    if instrument.points_of_minimum is not None:
        counted = f"; {instrument.minimum:g} counts {instrument.points_of_minimum:g}, and so on"
    return f"{span}{step}{counted}" + (f" ({words})" if words else "")


def _score(scale: Scale) -> str:
    points = f" of points, one from {scale.point_from:g} on" if scale.point_from is not None else ""
    return f"{scale.score}{points}"


def _items(items: Sequence[str]) -> str:
    """List items, numbers that follow each other as a span."""
    numbers = [int(item) for item in items if item.isdigit()]
    if len(numbers) < len(items):
        return ", ".join(items)
    runs = groupby(enumerate(sorted(numbers)), lambda placed: placed[1] - placed[0])
    spans = [[number for _, number in run] for _, run in runs]
    parts = [
        [f"{span[0]}-{span[-1]}"] if len(span) > 2 else [str(number) for number in span]
        for span in spans
    ]
    return ", ".join(text for part in parts for text in part)


def _told(example: WorkedExample, instrument: Instrument) -> str:
    by_answer: dict[float, list[str]] = {}
    for item, answer in example.answers.items():
        by_answer.setdefault(answer, []).append(item)
    given = [f"{answer:g} on {_items(items)}" for answer, items in sorted(by_answer.items())]
    answered = len(example.answered(instrument))
    if example.others is not None:
        given.append(f"{example.others:g} on every {'other ' if given else ''}item")
    elif answered < len({item for scale in instrument.scales.values() for item in scale.items}):
        given.append("none on the others")
    scores = ", ".join(f"{name} {score:g}" for name, score in example.scores.items())
    return f"Example. Answers: {'; '.join(given)}. Scores: **{scores}**. {example.counted}"
