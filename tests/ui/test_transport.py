"""From opening the page to steering a run."""

from ui.driver import USUAL, Lab


def test_opens_with_the_default_experiment_running_in_six_figures(visit):
    lab = visit("clock.snapshots=600")  # the default, but long enough for a slow browser
    lab.wait_state("running")  # the page comes with the first moments, held until it is seen
    first = lab.wait_growing()
    share = lab.progress()
    assert share < 100
    lab.wait_growing(beyond=first)
    lab.until(lambda: lab.progress() > share, "a moving progress bar")
    lab.choose("Pace", "full speed")
    lab.wait_finished()
    assert "reached loss" in lab.headline()
    assert lab.runs() == ["gradient-flow", "constant ρ=0.01", "adaptive c=1"]
    for column in ("loss", "size", "eigenvalue"):
        lab.until(lambda column=column: lab.moments(column) > 100, f"all moments of {column}")


def test_set_width_and_condition_then_run(at):
    lab = at(USUAL, free=("network.", "methods"))
    lab.switch("Run on every change")
    lab.type("Width", 70)
    lab.until(lambda: "network.width=70" in lab.page.url, "the width in the URL")
    slider = lab.slider("Target κ")
    for _ in range(3):
        before = lab.page.url
        slider.press("ArrowRight")
        lab.until(lambda before=before: lab.page.url != before, "the condition number in the URL")
    target = float(slider.get_attribute("aria-label").split()[-1])
    assert target > 1.3e5
    assert lab.state() == "finished"
    lab.run_again()
    lab.wait_finished()
    lab.until(lambda: abs(lab.reached() / target - 1) < 0.01, f"a reached condition number near {target:g}")
    lab.switch("Run on every change")


def test_pause_step_go_on_cancel_and_run_again(visit):
    lab = visit("network.width=50&clock.snapshots=2000")  # more than a slow browser has seen when it pauses
    lab.wait_growing(beyond=5)
    lab.press("Pause")
    lab.wait_state("paused")
    held = lab.still()
    assert lab.state() == "paused"
    assert held < 2000
    lab.press("Step")  # and back: whatever a slow machine still had on its way has come
    lab.until(lambda: lab.moments() > held, "one more moment")
    held = lab.still()
    assert_step(lab, held + 1)
    assert_step(lab, held + 2)
    lab.press("Go on")
    lab.wait_state("running")
    more = lab.wait_growing(beyond=held + 2)
    lab.press("Cancel")
    lab.wait_state("cancelled")
    assert more <= lab.still() < 2000
    lab.until(lambda: lab.drawn() == 6, "what had been recorded, in six figures")
    lab.choose("Pace", "full speed")
    lab.press("Run")
    lab.wait_finished()
    lab.press("Reset")
    lab.wait_state("paused")
    lab.until(lambda: lab.moments() <= 1, "only the first moment")
    lab.press("Go on")
    lab.wait_finished()


def assert_step(lab: Lab, moments: int) -> None:
    lab.press("Step")
    lab.until(lambda: lab.moments() >= moments, "one more moment")
    assert lab.still() == moments
    assert lab.state() == "paused"
