"""What may be asked besides a verdict: may this step be taken, what falls due, why, until when."""
