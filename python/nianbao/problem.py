"""What stops work on one file: told to staff in one sentence, never as a traceback."""


class Unreadable(Exception):
    """A file cannot be used at all: which file, what is wrong, and what to do (Chinese, one sentence)."""

    def __init__(self, file: str, what: str, todo: str) -> None:
        super().__init__(file, what, todo)
        self.file, self.what, self.todo = file, what, todo

    def __str__(self) -> str:
        return f"{self.file}：{self.what}；{self.todo}。"
