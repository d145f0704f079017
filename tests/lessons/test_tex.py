"""Formulas as MathML and as plain text."""

import re

import pytest

from gnviz.lessons.tex import LETTERS, OPERATORS, TexError, mathml, plain


@pytest.mark.parametrize(
    ("tex", "inside"),
    [
        ("x", "<mi>x</mi>"),
        ("12.5", "<mn>12.5</mn>"),
        ("K_0", "<msub><mi>K</mi><mn>0</mn></msub>"),
        ("J^\\top", "<msup><mi>J</mi><mo>⊤</mo></msup>"),
        ("x_i^2", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        ("x^2_i", "<msubsup><mi>x</mi><mi>i</mi><mn>2</mn></msubsup>"),
        ("f'", "<msup><mi>f</mi><mo>′</mo></msup>"),
        ("\\frac{1}{2}", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        ("\\frac12", None),
        ("\\sqrt{n}", "<msqrt><mi>n</mi></msqrt>"),
        ("\\dot w", '<mover accent="true"><mi>w</mi><mo>˙</mo></mover>'),
        ("\\mathrm{rank}", "<mtext>rank</mtext>"),
        ("\\lambda_{\\min}", "<msub><mi>λ</mi><mi>min</mi></msub>"),
        ("a<b", "<mrow><mi>a</mi><mo>&lt;</mo><mi>b</mi></mrow>"),
        ("1 - \\rho", "<mrow><mn>1</mn><mo>−</mo><mi>ρ</mi></mrow>"),
    ],
)
def test_mathml(tex, inside):
    if inside is None:
        with pytest.raises(TexError):
            mathml(tex)
    else:
        assert mathml(tex) == f"<math>{inside}</math>"


def test_a_formula_of_its_own_is_a_block():
    assert mathml("x", block=True) == '<math display="block"><mi>x</mi></math>'


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        ("\\kappa(K_0)", "κ(K₀)"),
        ("e^{-2t}", "e⁻²ᵗ"),
        ("e^{-\\lambda_i t}", "e^(−λᵢt)"),
        ("\\frac{\\lambda}{\\rho + (1 - \\rho) \\lambda}", "λ/(ρ + (1 − ρ)λ)"),
        ("\\lambda_1/\\lambda_n", "λ₁/λₙ"),
        ("\\sqrt{n + 1}", "√(n + 1)"),
        ("\\dot e = -K e", "ė = −Ke"),
        ("\\rho \\to 0", "ρ → 0"),
        ("\\exp(-t)", "exp(−t)"),
        ("\\sin t", "sin t"),
        ("u - y", "u − y"),
    ],
)
def test_plain(tex, text):
    import unicodedata

    assert unicodedata.normalize("NFC", plain(tex)) == text


@pytest.mark.parametrize("tex", ["\\nothing", "a}", "{a", "a_", "a_i_j", "^2", "\\frac{1}", "\\sqrt"])
def test_what_cannot_be_read_is_refused(tex):
    with pytest.raises(TexError):
        mathml(tex)


@pytest.mark.parametrize("name", [*LETTERS, *(name for name in OPERATORS if name.isalpha())])
def test_every_name_is_set(name):
    assert re.fullmatch(r"<math><m[io]>.</m[io]></math>", mathml(f"\\{name}"))
