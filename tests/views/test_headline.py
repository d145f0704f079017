import numpy as np
from made import ended, few_parameters, made_dataset
from made_surfaces import SPHERE, made_surface, without_foot

from gnviz.analysis.ends import as_of
from gnviz.analysis.time_to_loss import crossing
from gnviz.methods import display_name
from gnviz.views.headline import headline


def test_the_finished_comparison_names_both_ends_and_the_factor():
    words = headline(made_dataset())
    assert words.startswith("adaptive c=1 reached loss 10⁻¹⁰ at t = ")
    middle, last = words.partition("; ")[2].split(" and ")
    assert middle.startswith("constant ρ=0.01 took ")
    assert middle.endswith(" times as long")
    assert last.startswith("gradient flow ")
    assert " times (t = " in last
    slower, slowest = (float(part.split(" times")[0].split()[-1].replace(",", "")) for part in (middle, last))
    assert 1 < slower < slowest


def test_of_many_runs_the_first_and_the_last_are_named():
    ds = made_dataset()
    runs = [f"{run}, seed {seed}" for seed in (0, 1) for run in ds["run"].values]
    more = ds.isel(run=[0, 1, 2, 0, 1, 2]).assign_coords(run=runs)
    words = headline(more)
    assert words.count(" took ") == 1
    assert "gradient flow, seed" in words.partition(" took ")[0].partition("; ")[2]


def test_a_step_is_a_whole_number():
    ds = made_dataset().assign_coords(time=np.linspace(0, 50, made_dataset().sizes["time"]))
    ds.attrs["clock"] = "steps"
    step = headline(ds).partition("at step ")[2].partition(";")[0]
    exact = crossing(ds["time"].values, ds["loss"].values[-1], 1e-10)
    assert exact % 1 > 0.01
    assert step == str(int(exact) + 1)


def test_runs_still_on_their_way_are_named():
    words = headline(made_dataset(count=80))
    assert "adaptive c=1 reached loss" in words
    assert "gradient flow" in words
    assert "not there yet" in words


def test_a_method_that_broke_down_is_not_said_to_be_on_its_way():
    ds = made_dataset().copy(deep=True)
    ds["status"] = ("run", np.array(["diverged", "converged", "converged"], dtype=object))
    ds["loss"][0, 5:] = np.nan
    assert "gradient flow did not get there" in headline(ds)


def test_the_start():
    assert headline(made_dataset(count=1)) == "Starting."


def test_where_no_level_is_passed_the_least_and_the_largest_loss_are_named():
    ds = made_dataset().isel(time=slice(3)).copy(deep=True)
    ds["loss"][:, -1] = [3.0, 0.5, 1.0]
    first, second, _ = (display_name(str(run)) for run in ds["run"].values)
    when = f"At t = {float(ds['time'][-1]):.3g}"
    assert headline(ds) == f"{when}, {second} has the least loss, 0.5, and {first} the largest, 3."
    ds["loss"][1, -1] = np.nan
    assert "adaptive c=1 has the least loss, 1, and" in headline(ds)
    ds["loss"][0, -1] = np.inf
    assert headline(ds).endswith("adaptive c=1 has loss 1.")
    ds["loss"][2, -1] = np.nan
    assert headline(ds).endswith("no run has a loss any more.")


def test_on_a_surface_the_distance_to_the_nearest_point_counts():
    ds = as_of(made_surface(SPHERE), 3)
    away = np.linalg.norm(ds["prediction"].values[:, -1] - ds["foot"].values, axis=-1)
    words = headline(ds)
    assert f"Gauss-Newton is {away[0]:.2g}" in words
    assert f"gradient flow is {away[1]:.2g}" in words
    assert headline(without_foot(ds)) == ds.attrs["foot_text"]


def test_on_a_surface_the_ways_of_runs_that_have_arrived_are_compared_with_the_shortest():
    ds = made_surface(SPHERE).copy(deep=True)
    start, foot = ds["prediction"].values[0, 0], ds["foot"].values
    there = np.linspace(0, 1, ds.sizes["time"])[:, None]
    ds["geodesic"][:] = start + np.linspace(0, 1, ds.sizes["arc"])[:, None] * (foot - start)
    ds["prediction"][0] = start + there * (foot - start)
    aside = np.cross(foot - start, [0.3, 0.5, 0.8])
    aside *= 0.5 * np.linalg.norm(foot - start) / np.linalg.norm(aside)  # two legs of 1/sqrt(2)
    bent = np.concatenate([np.linspace(0, 1, 35), np.linspace(1, 0, ds.sizes["time"] - 35)])[:, None]
    half = np.concatenate([np.linspace(0, 0.5, 35), np.linspace(0.5, 1, ds.sizes["time"] - 35)])[:, None]
    ds["prediction"][1] = start + half * (foot - start) + bent * aside
    words = "The way of Gauss-Newton to the surface's nearest point is the shortest, to within 1%; "
    assert headline(ds) == words + "that of gradient flow is 41% longer than the shortest."
    ds["prediction"][1] = start + half * (foot - start) + 4 * bent * aside
    assert headline(ds) == words + f"that of gradient flow is {17**0.5:.2g} times the shortest."
    ds["geodesic"][:] = np.nan
    assert headline(ds).startswith("At the surface's nearest point to the target. The ways there are long: ")


def test_at_an_earlier_moment_what_came_later_has_not_happened():
    ds = ended(made_dataset(), 0, 7.0, "diverged")
    early, late = (int(np.searchsorted(ds["time"].values, t)) for t in (5.0, 9.0))
    assert "did not get there" in headline(as_of(ds, late))
    then = as_of(ds, early)
    assert set(then["status"].values) == {"running"}
    assert then.sizes["time"] == early + 1
    assert headline(then) == headline(
        made_dataset().isel(time=slice(early + 1)).assign(status=then["status"])
    )


def test_where_alphas_are_compared_the_law_of_the_excess_loss_counts():
    ds = few_parameters().assign_coords(alpha=("run", [1.0, 10.0, 100.0]))
    lawful = 2.0 * np.exp(-2 * ds["time"].values)
    ds["loss"] = (
        ("run", "time"),
        np.stack([2.0 / (1 + ds["time"].values), lawful * np.nan, lawful]) + 0.5,
    )
    words = headline(ds)
    runs = [display_name(str(run)) for run in ds["run"].values]
    assert words.startswith(f"To within 1%, the excess loss of {runs[2]} falls as e⁻²ᵗ")
    assert f"of the others, {runs[0]} is lowest" in words
    ds["loss"][2] += 0.1 * lawful * ds["time"].values
    assert headline(ds).startswith("No run's excess loss follows e⁻²ᵗ to within 1%")


def test_the_headline_says_whether_the_optimum_is_local():
    ds = few_parameters()
    ds["start_error"] = ("run", "start"), np.zeros((3, 2))
    ds["start_loss"] = ("run", "start"), np.full((3, 2), 0.6)
    words = "None of 2 other starts found less than the runs' optimum; that does not prove it the least."
    assert headline(ds) == f"{headline(few_parameters())} {words}"
    ds["start_loss"][:, 1] = 0.3
    words = "At α = 5 the runs miss the best fit known: 1 of 2 other starts found less, 0.3 instead of 0.5."
    assert headline(ds).startswith(words), "what the runs missed is said first"


def grid(ds, moments):
    return ds.isel(time=slice(moments)).copy(deep=True)


def test_a_converged_run_has_got_there_though_it_records_nothing_more():
    ds = made_dataset()
    quick = int(np.flatnonzero(ds["loss"].values[2] < 1e-10)[0])
    cut = ended(ds, 2, float(ds["time"].values[quick + 1]))
    assert headline(cut) == headline(ds)
    between = ended(ds, 2, float(ds["time"].values[quick - 1 : quick + 1].mean()), loss=5e-11)
    assert headline(between).startswith("adaptive c=1 reached loss 10⁻¹⁰ at t = ")
    assert "did not get there" not in headline(between)


def test_a_run_that_broke_off_is_said_to_have_and_when():
    ds = made_dataset()
    for status, word in (("diverged", "diverged"), ("singular", "broke down"), ("step-limit", "gave up")):
        assert headline(ended(ds, 0, 0.5, status)).endswith(
            f"; gradient flow ({word} at t = 0.5) did not get there."
        )
    ds.attrs["clock"] = "steps"
    assert "gradient descent (converged at step 17) did not" in headline(ended(ds, 0, 17.0))


def test_the_loss_at_its_end_counts_among_the_others():
    ds = grid(made_dataset(), 4)
    ds["loss"][:] = [[5.0, 4.0, 3.0, 3.0], [5.0, 4.0, 3.0, 2.0], [5.0, 4.0, 3.0, 1.0]]
    when = float(ds["time"].values[1:3].mean())
    words = headline(ended(ds, 1, when, "singular", loss=0.5))
    assert (
        f"constant ρ=0.01 (broke down at t = {when:.3g}) has the least loss, 0.5, and gradient flow" in words
    )
    assert "adaptive c=1 has the least loss, 1, and" in headline(ended(ds, 1, when, "diverged"))


def test_on_a_surface_a_run_is_where_it_ended():
    ds = as_of(made_surface(SPHERE), 5)
    away = np.linalg.norm(ds["prediction"].values[1, 4] - ds["foot"].values)
    when = float(ds["time"].values[4])
    assert f"gradient flow (gave up at t = {when:.3g}) is {away:.2g}" in headline(
        ended(ds, 1, when, "step-limit")
    )


def test_a_law_holds_until_the_end_of_a_run():
    ds = few_parameters().assign_coords(alpha=("run", [1.0, 10.0, 100.0]))
    cut = ended(ds, 1, 5.0)
    assert headline(cut).startswith("To within 1%, the excess loss of gradient flow, constant ρ=0.01 and")
    at_last = float(ds["time"].values[ds["time"].values <= 5.0][-1])
    assert f"to {2.5 * np.exp(-2 * at_last):.2g} at t = 5" in headline(cut), "the largest is that of the end"
    assert "constant" not in headline(ended(ds, 1, 5.0, "diverged")).partition("falls")[0]


def test_runs_that_are_as_fast_are_named_together():
    ds = made_dataset().copy(deep=True)
    ds["loss"][1] = ds["loss"].values[2] * 1.001
    first, others = headline(ds).split("; ")
    assert first.startswith("adaptive c=1 and constant ρ=0.01 reached loss 10⁻¹⁰ at t = ")
    assert others.startswith("gradient flow took ")
    assert "constant" not in others


def test_a_run_that_broke_down_is_not_said_to_follow_the_law():
    ds = few_parameters().assign_coords(alpha=("run", [1.0, 10.0, 100.0]))
    words = headline(ended(ds, 1, 5.0, "singular"))
    assert words.startswith("To within 1%, the excess loss of gradient flow and adaptive c=1 falls as e⁻²ᵗ")
    assert "; constant ρ=0.01 (broke down at t = 5) did not get there" in words


def test_of_runs_that_are_under_way_those_that_have_passed_are_told_too():
    ds = made_dataset()
    moment = int(np.flatnonzero(ds["loss"].values[1] < 1e-10)[0]) + 1
    words = headline(as_of(ds.assign(status=("run", ["converged"] * 3)), moment))
    assert words.endswith("; gradient flow is not there yet.")
    assert "; constant ρ=0.01 took " in words
