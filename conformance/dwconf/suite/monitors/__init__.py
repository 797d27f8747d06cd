"""Monitors: rules that traffic alone decides, watched over every case, whoever drives the traffic."""
