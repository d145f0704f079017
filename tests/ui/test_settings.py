"""Settings: in the URL, in the menus, and refused ones."""

from urllib.parse import quote

from ui.driver import USUAL

from gnviz.views.numbers import number


def test_a_link_shows_the_same_settings(at, visit):
    lab = at(USUAL)
    lab.type("Width", 64)
    lab.choose("Activation", "erf")
    lab.until(lambda: "activation=erf" in lab.page.url and "width=64" in lab.page.url, "settings in the URL")
    lab.wait_finished()
    other = visit(lab.page.url.partition("?")[2])
    other.wait_finished()
    assert other.slider("Width").input_value() == "64"
    assert other.slider("Conditioning").get_attribute("aria-label").endswith(": 1e+05")
    assert "clock.snapshots=60" in other.page.url
    assert other.knob("combobox", "Activation").input_value() == "erf"
    assert other.alerts() == []


def test_a_link_with_a_misspelt_setting_names_the_nearest(visit):
    lab = visit("network.widht=64")
    assert "network.width" in lab.wait_alert("network.widht")
    lab.wait_growing()
    assert lab.slider("Width").input_value() == "400"


def test_a_link_cannot_bring_markup_into_its_message(visit):
    trap = "<img src=x onerror='document.title=1'> __a__ *b*"
    lab = visit(f"data.kind={quote(trap)}")
    assert trap in lab.wait_alert("is not allowed")
    lab.wait_growing()
    assert lab.page.locator("[role=alert] img").count() == 0
    assert lab.page.title() != "1"


def test_an_unreachable_condition_number_tells_the_range_and_offers_the_nearest(visit):
    lab = visit("data.condition=100&network.width=50&clock.snapshots=12")
    assert "reachable is" in lab.wait_alert("“Conditioning κ(K₀)” = 100")
    lab.wait_state("could not run")
    offer = lab.page.get_by_role("button", name="Set Conditioning κ(K₀) to ")
    nearest = float(offer.inner_text().rpartition(" ")[2])
    offer.click()
    lab.wait_finished()
    assert lab.alerts() == []
    assert f"data.condition={nearest}" in lab.page.url
    assert lab.page.get_by_text(f"reached κ(K₀) = {number(nearest, 4)}").is_visible()


def test_the_curves_follow_the_methods(at):
    lab = at(USUAL, free=("network.",))

    def curves():
        """Count the marks of runs; the legend's examples have other columns."""
        return sum("loss" in glyph for glyph in lab.figure("loss"))

    everything = curves()
    lab.switch("Gradient flow")
    lab.until(lambda: lab.runs() == ["constant ρ=0.01", "adaptive c=1"], "two methods")
    lab.wait_finished()
    assert curves() == everything * 2 // 3
    lab.switch("Pure Gauss-Newton")
    lab.until(lambda: "Gauss-Newton" in lab.runs(), "the third method")
    lab.wait_finished()
    assert curves() == everything
    assert "gradient-flow" not in lab.page.url.partition("methods=")[2]
    rho = lab.slider("ρ")
    lab.switch("Constant damping")
    lab.until(lambda: not rho.is_visible(), "no slider of a method that is off")
    lab.switch("Constant damping")
    lab.until(rho.is_visible, "its slider again")
    lab.wait_finished()
