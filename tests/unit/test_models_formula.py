"""Reading formulas as lme4 users write them."""

from __future__ import annotations

import pytest

from dyads.errors import StudyError
from dyads.models.formula import model_terms, parse_formula, variables_of


def random_part(text: str) -> list[str]:
    return [str(term) for term in parse_formula(f"y ~ x + {text}").random]


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("(1 | g)", ["(1 | g)"]),
        ("(x | g)", ["(1 + x | g)"]),
        ("(1 + x | g)", ["(1 + x | g)"]),
        ("(0 + x | g)", ["(0 + x | g)"]),
        ("(x - 1 | g)", ["(0 + x | g)"]),
        ("(x || g)", ["(1 | g)", "(0 + x | g)"]),
        ("(1 | a:b)", ["(1 | a:b)"]),
        ("(1 | a/b)", ["(1 | a)", "(1 | a:b)"]),
        ("(x | a/b/c)", ["(1 + x | a)", "(1 + x | a:b)", "(1 + x | a:b:c)"]),
        ("(0 + s + t:x | g)", ["(0 + s + t:x | g)"]),
        ("(1 | g) + (0 + I(x^2) | h)", ["(1 | g)", "(0 + I(x ** 2) | h)"]),
    ],
)
def test_random_terms_are_read_as_lme4_reads_them(written: str, understood: list[str]) -> None:
    assert random_part(written) == understood


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("y ~ a * b + (1 | g)", "a * b"),
        ("y ~ (1 | g) + a", "a"),
        ("y ~ a + (1 + x | g) + b + (1 | h)", "a + b"),
        ("y ~ (1 | g)", "1"),
        ("y ~ 0 + a + (1 | g)", "0 + a"),
        ("y ~ (a + b)^2 + (1 | g)", "(a + b)**2"),
        ("y ~ log(x + 1) + (1 | g)", "log(x + 1)"),
        ("y ~ a\n  + (1 | g)", "a"),
    ],
)
def test_what_is_not_random_is_fixed(text: str, fixed: str) -> None:
    assert parse_formula(text).fixed == fixed


def test_variables_asked_to_be_categories_are_remembered_and_named_plainly() -> None:
    parsed = parse_formula("y ~ C(segment) * factor(session) + (1 | g)")
    assert parsed.categorical == ("segment", "session")
    assert parsed.fixed == "segment * session"


def test_a_column_may_be_named_like_a_function_of_python() -> None:
    assert variables_of("range * type + abs(id) + scale") == ("range", "type", "id", "scale")


def test_names_with_dots_or_spaces_are_read_as_in_r() -> None:
    parsed = parse_formula("y ~ felt.x + `AU 12` + np.log(z) + (1 | my.person/visit)")
    assert variables_of(parsed.fixed) == ("felt.x", "AU 12", "z")
    assert [term.group for term in parsed.random] == ["my.person", "my.person:visit"]


def test_an_interactions_variables_stand_in_the_order_of_their_first_mention() -> None:
    terms = model_terms("x + age + group:x + group + emotion:group").rhs_termlist
    assert [t.name() for t in terms] == [
        "Intercept",
        "x",
        "age",
        "group",
        "x:group",
        "group:emotion",
    ]


def test_functions_are_no_variables() -> None:
    assert variables_of("log(x) + np.sqrt(z) * group + I(w ** 2)") == ("x", "z", "group", "w")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("y = x + (1 | g)", "one '~'"),
        ("y ~ x ~ z + (1 | g)", "one '~'"),
        (" ~ x + (1 | g)", "outcome before '~' is missing"),
        ("y ~ x", "no random term"),
        ("y ~ x + 1 | g", "in parentheses"),
        ("y ~ x + (1 | g", r"'\(' without its '\)'"),
        ("y ~ x + 1 | g)", "in parentheses"),
        ("y ~ x + (1 | g + h)", "'g \\+ h' is no grouping"),
        ("y ~ x + (0 | g)", "lets nothing vary"),
        ("y ~ x + (1 | g) + (1 | g)", "written twice"),
        ("y ~ as + (1 | g)", "as cannot name a variable"),
        ("y ~ x + + * z + (1 | g)", r"cannot be read: expected a noun, not '\*'\.$"),
        ("y ~ . + (1 | g)", "'.' cannot be read"),
    ],
)
def test_a_formula_that_cannot_be_read_is_refused_in_a_sentence(text: str, complaint: str) -> None:
    with pytest.raises(StudyError, match=complaint):
        variables_of(parse_formula(text).fixed)


def test_in_is_an_interaction_as_in_r() -> None:
    assert set(variables_of(parse_formula("y ~ x %in% site + site + (1 | g)").fixed)) == {
        "x",
        "site",
    }
    assert parse_formula("y ~ x %in% site + (1 | g)").fixed == "x : site"
