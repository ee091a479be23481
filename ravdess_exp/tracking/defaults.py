"""Where runs are tracked if nobody says otherwise; without MLflow's import, for help pages."""

DEFAULT_URI = "sqlite:///outputs/mlflow.db"
DEFAULT_EXPERIMENT = "ravdess_exp"
DEFAULT_PORT = 5000  # of a server on this machine
