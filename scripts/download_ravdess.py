"""The same as `ravdess-exp download`, under the name that it had before."""

import sys

from ravdess_exp.cli.commands import run_command

if __name__ == "__main__":
    sys.exit(run_command("download", sys.argv[1:]))
