"""The page of the regime map: two knobs, a measure, and a sweep that fills it."""
