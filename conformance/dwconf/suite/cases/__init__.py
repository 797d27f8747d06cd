"""Cases: conversations with the target. They drive and name steps; they judge nothing."""
