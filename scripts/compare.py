"""The same as `ravdess-exp compare`, under the name that it had before."""

import sys

from ravdess_exp.cli.commands import run_command

if __name__ == "__main__":
    sys.exit(run_command("compare", sys.argv[1:]))
