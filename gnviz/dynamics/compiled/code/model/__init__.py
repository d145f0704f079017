"""The network, its activations, the losses and the schedules, in compiled loops."""
