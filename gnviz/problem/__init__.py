"""What is being fitted: data, network, loss."""
