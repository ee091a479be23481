"""What must be said beside a score that is no result. `LEAKY` is in `ravdess_exp.corpus.split`."""

DEMO = "The demo corpus is drawn and synthesised: its scores say nothing about people."
SHUFFLED = "SANITY CHECK: the labels were shuffled; anything but chance would be leakage."
