"""What must be said beside a score that is no result. `LEAKY` is in `ravdess_exp.corpus.split`."""

DEMOS = ("demo", "demo_table")  # sources of clips that are generated
DEMO = "The demo corpus is drawn and synthesised: its scores say nothing about people."
SHUFFLED = "SANITY CHECK: the labels were shuffled; anything but chance would be leakage."
LEAKY = "NOT A RESULT: the speakers of the test clips were in training too."
ENCODER = "NOT A RESULT: a frozen encoder was trained on RAVDESS, so it knew the test speakers."
PLANTED = "SANITY CHECK: copies of the test clips were put into training; a high score must show."
REENACTED = (
    "The folder of the clips is named as re-enacted: other faces and voices perform after RAVDESS. These "
    "are not results on RAVDESS."
)
