"""The plane of two parameters, with the loss's contours."""
