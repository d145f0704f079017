"""Tables: one that comes with the package, and the visitor's own CSV."""

import math
import re

ROWS = "".join(f"{math.sin(i):.4f},{math.cos(2 * i):.4f},{math.sin(i) * i:.4f}\n" for i in range(16))
START = "data.kind=line&data.n=4&network.width=64&clock.snapshots=20&clock.horizon=1"


def upload(lab, text: str) -> None:
    """Open a table in the settings."""
    lab.settings()
    lab.page.locator("input[type=file][accept*='.csv']").set_input_files(
        files=[{"name": "own.csv", "mimeType": "text/csv", "buffer": text.encode()}]
    )


def test_an_own_csv_trains_to_the_end_with_the_columns_chosen(at):
    lab = at(START)
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


def test_bundled_data_train_to_the_end(at):
    lab = at(START, free=("",))  # whatever is there
    with lab.another_run():
        lab.choose("Start from", "Real data: electron")
    assert "data.kind=thurber" in lab.page.url
    lab.wait_finished()


def test_a_broken_csv_names_row_and_column_and_the_page_goes_on(visit):
    lab = visit(START.replace("kind=line", "kind=csv"))  # a link cannot bring the table itself
    lab.wait_alert("Open a CSV file")
    upload(lab, "x,y\n1,2\n2,3..5\n3,4\n")
    said = lab.wait_alert("is not a number")
    assert "row 3" in said
    assert "'y'" in said
    assert "data." not in said, "the page has names of its own"
    lab.choose("Data", "evenly spaced points on [")
    lab.wait_finished()


def test_text_is_left_out_and_rows_with_empty_cells_at_the_press_of_a_button(visit):
    lab = visit(START.replace("kind=line", "kind=csv"))
    lab.wait_alert("Open a CSV file")
    rows = "".join(f"{math.sin(i):.3f};{'NA' if i == 5 else i};{'ab'[i % 2]}\n" for i in range(12))
    upload(lab, "yield;dose;kind\n" + rows.replace(".", ","))
    said = lab.wait_alert("1 of 12 rows has 1 empty cell")
    assert "row 7, column 'dose'" in said
    lab.page.get_by_role("button", name=re.compile("^Set Rows with empty cells to drop")).click()
    lab.until(lambda: "data.missing=drop" in lab.page.url, "the rows dropped")
    lab.wait_finished()
    assert lab.alerts() == []
    for note in (
        "column kind holds text",
        "1 of 12 rows has an empty cell",
        "decimal commas are read as such",
    ):
        assert lab.page.get_by_text(note).count(), note
    lab.page.get_by_role("combobox", name="Target column").click()
    offered = lab.page.get_by_role("menuitem").all_inner_texts()
    assert offered == ["yield", "dose"]
