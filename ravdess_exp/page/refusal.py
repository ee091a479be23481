"""A request that the page does not take on, with the sentence that says why."""


class RefusalError(Exception):
    """status: of HTTP; sentence: for a person; retry: seconds after which another try may do."""

    def __init__(self, status: int, sentence: str, *, retry: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.retry = retry
