"""The visitor's own CSV."""

import math

ROWS = "".join(f"{math.sin(i):.4f},{math.cos(2 * i):.4f},{math.sin(i) * i:.4f}\n" for i in range(16))
START = "data.kind=line&data.n=4&network.width=64&clock.snapshots=40&clock.horizon=1"


def upload(lab, text: str) -> None:
    lab.page.locator("input[type=file]").set_input_files(
        files=[{"name": "own.csv", "mimeType": "text/csv", "buffer": text.encode()}]
    )


def test_an_own_csv_trains_to_the_end_with_the_columns_chosen(visit):
    lab = visit(START)
    lab.wait_finished()
    lab.choose("Data", "your own CSV")
    lab.wait_alert("Open a CSV file")
    lab.until(lab.faint, "the pictures of other data faint")
    upload(lab, "warm,wet,yield\n" + ROWS)
    lab.until(lambda: "data.y=yield" in lab.page.url, "the last column as target")
    lab.wait_finished()
    assert lab.alerts() == []
    assert not lab.faint()
    lab.choose("Target column", "wet")
    lab.until(lambda: "data.y=wet" in lab.page.url, "another target")
    lab.wait_state("running", "finished")
    lab.wait_finished()
    assert "0.8415" not in lab.page.url, "the table itself stays out of the URL"


def test_a_broken_csv_names_row_and_column_and_the_page_goes_on(visit):
    lab = visit(START.replace("kind=line", "kind=csv"))  # a link cannot bring the table itself
    lab.wait_alert("Open a CSV file")
    upload(lab, "x,y\n1,2\n2,\n3,4\n")
    said = lab.wait_alert("no value")
    assert "row 3" in said
    assert "'y'" in said
    lab.choose("Data", "evenly spaced points on [")
    lab.wait_finished()
