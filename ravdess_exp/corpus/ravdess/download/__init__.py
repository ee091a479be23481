"""RAVDESS from its source: what the record holds, one archive over HTTP, safe unpacking.

Of the downloaders that are kept up, none does what is needed here. pooch 1.9 fetches a file anew after a
break (no range requests). zenodo_get 3.1 goes on by skipping whole files, and fetches one at a time.
pypdl 1.5 goes on within a file, but appends whatever the server answers: it looks at neither the
status nor Content-Range, so a server that ignores ranges spoils the file. None unpacks safely. So this is
requests and urllib3, and a loop of our own around the body of an answer.
"""
