"""The user's own table in the sidebar: what it offers, leaves out and asks."""

import threading

import pytest
import teaching_tables
from beside import settle_aside

import gnviz.lab.controls.upload as room
from gnviz.data import MAX_SAMPLES
from gnviz.data.tables.delimited import MAX_BYTES, MAX_LINES
from gnviz.experiment import Experiment
from gnviz.lab.controls.controls import Controls
from gnviz.lab.controls.sections import labelled

CSV = Experiment().replace({"data.kind": "csv"})


@pytest.fixture
def controls():
    return Controls(CSV)


def send(controls: Controls, text: str) -> None:
    """Open a file, and wait until it has been read."""
    controls.upload.file.value = text.encode()
    settle_aside()


def test_columns_of_numbers_are_offered_and_the_others_named(controls):
    upload = controls.upload
    assert upload.y not in upload.column.objects
    send(controls, teaching_tables.IRIS)
    assert upload.y.options == upload.x.options
    assert upload.y.options == ["sepal_length", "sepal_width", "petal_length", "petal_width"]
    assert upload.note.object == "column species holds text and is left out"
    assert upload.note in upload.column.objects
    assert controls.experiment.data.y == "petal_width"
    assert controls.experiment.data.table == teaching_tables.IRIS
    send(controls, "a,y\n1,2\n2,3\n4,9\n")
    assert upload.note not in upload.column.objects


def test_empty_cells_are_asked_about_and_the_rows_dropped_at_the_press_of_a_button(controls):
    upload = controls.upload
    send(controls, teaching_tables.AUTO_MPG_SEABORN)
    assert controls.experiment == CSV
    assert upload.complaint.message == labelled(
        "data.table: 1 of 5 rows has 1 empty cell in the columns used, in row 4, column 'horsepower' (''); "
        "set “Rows with empty cells” to drop to leave such rows out"
    )
    assert upload.missing in upload.column.objects
    assert upload.complaint.offer == "Set Rows with empty cells to drop"
    upload.complaint.take()
    assert controls.experiment.data.missing == "drop"
    assert upload.missing.value == "drop"
    assert not upload.complaint.message


def test_the_switch_for_empty_cells_is_there_only_where_it_matters(controls):
    upload = controls.upload
    send(controls, "a,b,y\n1,,3\n2,5,4\n3,4,9\n5,1,2\n")
    assert upload.missing in upload.column.objects
    upload.x.value = ["a"]
    assert upload.missing not in upload.column.objects
    assert controls.experiment.data.x == ["a"]
    assert not upload.complaint.message
    upload.y.value = "b"
    assert upload.missing in upload.column.objects
    assert upload.complaint.message


def test_too_many_rows_are_cut_at_the_press_of_a_button(controls):
    upload = controls.upload
    send(controls, "a,y\n1,2\n2,3\n4,9\n")
    assert upload.rows not in upload.column.objects
    send(controls, "a,y\n" + "".join(f"{i},{i * i}\n" for i in range(MAX_SAMPLES + 1)))
    assert upload.rows in upload.column.objects
    assert "“Rows to use” to 2000" in upload.complaint.message
    upload.complaint.take()
    assert controls.experiment.data.rows == MAX_SAMPLES
    assert not upload.complaint.message


@pytest.mark.parametrize(
    "text",
    [
        "a,y\n1,2\nx,3\n4,9\n",
        "a,y\n1,2\n",
        "a,y\n1\n2,3\n4,5\n",
        "a\n1\n2\n",
        "",
        "a,y\n1,5\n2,5\n",
        "a;b\n1,5;2\n1.5;3\n",
    ],
)
def test_what_is_wrong_is_said_in_the_pages_words(controls, text):
    send(controls, "a,y\n1,2\n2,3\n4,9\n")
    good = controls.experiment
    send(controls, text or " \n")
    assert controls.upload.complaint.message.startswith("The table")
    assert "data." not in controls.upload.complaint.message
    assert controls.experiment == good


def test_what_is_too_large_is_refused_in_a_sentence_and_the_limit_is_on_the_button(controls):
    assert "2 MB" in controls.upload.file.label
    assert controls.upload.file.max_file_size > MAX_BYTES
    send(controls, "a,y\n" + "1,2\n" * (MAX_BYTES // 4))
    assert "has 2.0 MB; allowed: up to 2 MB" in controls.upload.complaint.message
    send(controls, "a,y\n" + "1,2\n" * (MAX_LINES + 1))
    assert f"lines; allowed: up to {MAX_LINES}" in controls.upload.complaint.message


def test_a_file_is_read_beside_the_servers_loop_and_the_last_one_counts(controls, monkeypatch):
    held, threads, plain = threading.Event(), [], room.decode_table

    def slow(raw):
        threads.append(threading.current_thread())
        held.wait(60)
        return plain(raw)

    monkeypatch.setattr(room, "decode_table", slow)
    controls.upload.file.value = b"a,y\n1,2\n2,3\n4,9\n"
    controls.upload.file.value = b"b,z\n1,2\n2,3\n4,9\n"
    assert controls.upload.file.loading, "nothing was waited for"
    held.set()
    send(controls, "c,v\n1,2\n2,3\n4,9\n")
    assert controls.upload.y.options == ["c", "v"]
    assert len(threads) == 3
    assert threading.current_thread() not in threads


def test_a_link_knows_the_columns_of_the_table_that_it_awaits():
    link = CSV.replace({"data.y": "mpg", "data.x": ["weight", "name"], "data.missing": "drop"})
    controls = Controls(link)
    send(controls, teaching_tables.AUTO_MPG_SEABORN)
    data = controls.experiment.data
    assert (data.y, data.x, data.missing) == ("mpg", ["weight"], "drop"), (
        "without the text, which cannot be used"
    )
    send(controls, "a,mpg,y\n1,2,3\n2,3,5\n4,9,1\n")
    assert controls.experiment.data.y == "y", "another table is opened as usual"


def test_loading_an_experiment_shows_its_table():
    table = {"data.table": teaching_tables.PENGUINS, "data.y": "body_mass_g", "data.missing": "drop"}
    controls = Controls()
    controls.load(CSV.replace(table))
    assert controls.upload.y.value == "body_mass_g"
    assert controls.upload.missing.value == "drop"
    assert controls.upload.missing in controls.upload.column.objects
    assert controls.experiment == CSV.replace(table)
    controls.load(CSV.replace({"data.table": "rubbish"}))
    assert controls.upload.complaint.message
