"""The fingerprint: what a target does where the protocol leaves freedom. Recorded, not judged."""
