"""From text to method and back, exactly, whatever the text holds."""

import contextlib
from urllib.parse import parse_qsl

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import formulas, methods

from gnviz.cli.commands import assignment
from gnviz.experiment import Experiment
from gnviz.knobs import KnobError, join_list
from gnviz.methods import METHODS, display_name, parse_method, short_label
from gnviz.methods.schedules.formula import Formula


@pytest.mark.parametrize("name", METHODS)
def test_every_method_says_what_it_does(name):
    method = parse_method(name)
    assert method.label == name
    assert method.formula
    assert method.meaning
    assert set(method.clocks) <= set(Experiment.knobs()["clock.kind"].objects)
    assert all(p.doc for p in method.knobs().values())


@given(methods())
def test_the_canonical_text_is_exact(text):
    method = parse_method(text)
    assert str(method) == text
    assert parse_method(str(method)) == method


@given(st.lists(methods(), min_size=1, max_size=6, unique=True))
@example(['formula(rho="clip(0.5*exp(-t)+1e-9, 1e-6, 1)")', "gradient-flow"])
@example(['formula(rho="where(t<=3, loss^2, lambda_min/lambda_max)")'])
def test_links_files_and_command_lines_keep_every_method(texts):
    experiment = Experiment(methods=texts)
    assert Experiment.from_query(experiment.to_query()).methods == texts
    assert Experiment.from_json(experiment.to_json()).methods == texts
    value = dict(parse_qsl(experiment.to_query())).get("methods", join_list(texts))
    assert Experiment().replace(dict([assignment(f"methods={value}")])).methods == texts


@given(formulas())
@example("t==1")
def test_a_formula_needs_no_quotes(formula):
    assert parse_method(f"formula({formula})") == Formula(rho=formula)


@given(st.text(max_size=60))
@example('formula("\'")')
@example("formula(rho=))(")
@example("constant(rho='0.1)")
def test_any_text_is_a_method_or_a_mistake(text):
    for candidate in (text, f"formula({text})", f"constant({text})"):
        with contextlib.suppress(KnobError):
            assert str(parse_method(str(parse_method(candidate)))) == str(parse_method(candidate))


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        (" constant ( rho = 1e-2 ) ", "constant(rho=0.01)"),
        ("constant(0.01)", "constant(rho=0.01)"),
        ("constant", "constant(rho=0.01)"),
        ("gradient_flow()", "gradient-flow"),
        ("adaptive(c=0.1)", "adaptive(c=0.1)"),
        ("hybrid(by=time, floor=1e-4)", "hybrid(order=first-to-second, by=time, switch=0.1, floor=0.0001)"),
        ("formula( 1 / (1+t) )", 'formula(rho="1 / (1+t)")'),
        ("formula(rho='min(1,  t)')", 'formula(rho="min(1, t)")'),
        ("formula(t==1)", 'formula(rho="t==1")'),
    ],
)
def test_spellings(text, canonical):
    assert str(parse_method(text)) == canonical


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("newton", "unknown method 'newton'; did you mean 'gauss-newton'"),
        ("", "unknown method ''"),
        ("constant(0.1", "unknown method 'constant(0.1'"),
        ("constant(rh=0.1)", "unknown parameter of constant 'rh'; did you mean 'rho'"),
        ("constant(rho=2)", "constant(rho) = '2' is not allowed: a number from 1e-15 to 1"),
        ("constant(rho=)", "constant(rho) = '' is not allowed"),
        ("constant(rho=0.1,rho=0.2)", "constant(rho) is given twice"),
        ("gradient-flow(3)", "gradient-flow takes no parameters, got '3'"),
        ("hybrid(by=lost)", "'lost' is not allowed: one of 'loss', 'time'; did you mean 'loss'?"),
        ("hybrid(0.1)", "unknown parameter of hybrid '0.1'; known: order, by, switch, floor"),
        ("formula(rho=epx(-t))", "formula(rho) = 'epx(-t)' cannot be used: unknown function 'epx'; did you"),
    ],
)  # fmt: skip
def test_mistakes(text, message):
    with pytest.raises(KnobError) as error:
        parse_method(text)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("text", "short"),
    [
        ("gradient-flow", "gradient-flow"),
        ("constant(rho=0.01)", "constant(rho=0.01)"),
        ("adam(beta1=0.9, beta2=0.999, eps=1e-08)", "adam"),
        ("adam(beta1=0.8, beta2=0.999, eps=1e-08), alpha=10, seed 2", "adam(beta1=0.8), alpha=10, seed 2"),
        ("momentum(beta=0.9, nesterov=true), seed 3", "momentum(nesterov=true), seed 3"),
        ("constant(rho=1), alpha=10", "constant(rho=1), alpha=10"),
        ("nobody(knows=1, this=2)", "nobody(knows=1, this=2)"),
    ],
)
def test_a_brief_text_leaves_out_what_is_usual(text, short):
    assert short_label(text) == short


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("gradient-flow", "gradient flow"),
        ("gradient-flow · other chart", "gradient flow · other chart"),
        ("constant(rho=0.01)", "constant ρ=0.01"),
        ("constant(rho=0.01), alpha=10, seed 2", "constant ρ=0.01 α=10, seed 2"),
        ("gauss-newton, alpha=10", "Gauss-Newton α=10"),
        ("adam(beta1=0.8, beta2=0.999, eps=1e-08)", "Adam beta1=0.8"),
        ("adam(beta1=0.9, beta2=0.999, eps=1e-08)", "Adam"),
        ("formula(exp(-t)), seed 3", "formula exp(-t), seed 3"),
        ("formula(log(1-t)+grad_norm)", "formula log(1-t)+grad_norm"),
    ],
)
def test_a_method_as_people_write_it(text, words):
    assert display_name(text) == words


def test_discrete_steps_of_gradient_flow_are_gradient_descent():
    assert display_name("gradient-flow, seed 3", "steps") == "gradient descent, seed 3"
    assert display_name("gauss-newton", "steps") == "Gauss-Newton"


@pytest.mark.parametrize("cls", METHODS.values(), ids=lambda c: c.label)
def test_a_brief_text_is_still_the_method(cls):
    assert str(parse_method(short_label(str(cls())))) == str(cls())
