def generate_demo(root, **k):
    raise SystemExit("demo not there yet")
