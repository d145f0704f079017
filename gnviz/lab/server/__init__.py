"""What all visitors of a server share."""
