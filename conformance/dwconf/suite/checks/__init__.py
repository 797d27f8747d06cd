"""Checks: small functions that decide one rule on a case's evidence. They share nothing with the references but the wire."""
