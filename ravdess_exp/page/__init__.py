"""A local page that shows what a model says of recordings: a web server, and a process with the model."""
