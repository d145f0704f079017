"""From opening the page to steering a run."""

from ui.driver import LONG, USUAL, Lab


def test_opens_with_the_default_experiment_finished_draws_what_is_looked_at_and_replays_it(visit):
    lab = visit()
    lab.wait_finished()
    assert "reached loss" in lab.headline()
    assert lab.runs() == ["gradient flow", "constant ρ=0.01", "adaptive c=1"]
    assert lab.drawn() < 7, "figures out of sight wait"
    titles = {
        "loss": "Loss over time",
        "size": "Residual mode by mode",
        "eigenvalue": "Eigenvalues over time",
    }
    for column, title in titles.items():
        lab.look_at(title)
        lab.until(lambda column=column: lab.moments(column) > 100, f"all moments of {column}")
    assert lab.drawn() == 7
    lab.look_at("Loss over time")
    lab.page.get_by_role("combobox", name="Speed of playing").select_option("fast")
    time = lab.page.get_by_role("slider", name="Time shown")
    end = int(time.input_value())
    lab.page.get_by_role("button", name="Play the recording").click()
    lab.until(lambda: int(time.input_value()) < end, "the recording played from its start")
    lab.until(lambda: int(time.input_value()) == end, "its end")
    assert lab.state() == "finished", "nothing was computed for it"


def test_set_width_and_condition_then_run(at):
    lab = at(USUAL, free=("network.", "methods"))
    lab.switch("Run on every change")
    lab.type("Width", 70)
    lab.until(lambda: "network.width=70" in lab.page.url, "the width in the URL")
    slider = lab.slider("Conditioning")
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
    lab = visit(LONG)  # more than a slow browser has seen when it pauses
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
    lab.until(lab.all_drawn, "what had been recorded, in all figures")
    lab.press("Step")
    lab.wait_state("paused")
    lab.until(lambda: lab.moments() <= 1, "a new run, held at its first moment")
    lab.press("Go on")
    lab.wait_state("running")
    lab.wait_growing(beyond=3)


def assert_step(lab: Lab, moments: int) -> None:
    lab.press("Step")
    lab.until(lambda: lab.moments() >= moments, "one more moment")
    assert lab.still() == moments
    assert lab.state() == "paused"
