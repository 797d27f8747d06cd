"""The suite: rulebook, cases, checks and monitors, and everything that runs them and judges."""

import os

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC core would write to the terminal whenever a peer goes away
