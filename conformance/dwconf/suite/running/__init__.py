"""Running cases: from a plan to outcomes. Verdicts over all outcomes are `dwconf.suite.judging`."""
