"""Problems of the user's own: checked, and made ready to run."""
