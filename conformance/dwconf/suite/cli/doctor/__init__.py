"""`dwconf doctor`: what is here, is the target there, and does an app keep its contract?"""

from dwconf.suite.cli.doctor.command import command as command
