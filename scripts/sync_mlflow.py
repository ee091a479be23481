"""The same as `ravdess-exp sync`, under the name that it had before."""

import sys

from ravdess_exp.cli.commands import run_command

if __name__ == "__main__":
    sys.exit(run_command("sync", sys.argv[1:]))
