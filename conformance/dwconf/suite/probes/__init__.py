"""Probes: has the target a capability, whatever its profile says? A denied one must be refused or without effect."""
