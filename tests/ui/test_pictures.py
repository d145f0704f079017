"""README's pictures, made by the script that makes them."""

import importlib.util
from pathlib import Path

from PIL import Image

HERE = Path(__file__).parents[2] / "docs" / "pictures.py"


def script():
    """Return the script as a module; it lies outside the package."""
    spec = importlib.util.spec_from_file_location("pictures", HERE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_moving_picture_is_a_drag_of_the_conditioning(browser, server, tmp_path):
    pictures = script()
    page = browser.new_page()
    try:
        frames = pictures.drag(page, server.url, steps=2)
        assert float(page.url.partition("data.condition=")[2].partition("&")[0]) > 1e9
    finally:
        page.close()
    assert len({frame.tobytes() for frame in frames}) == len(frames) == 4
    path = tmp_path / "drag.gif"
    pictures.write_moving(frames, path)
    with Image.open(path) as made:
        assert (made.n_frames, made.width) == (4, pictures.WIDTH)
        assert made.info["loop"] == 0
