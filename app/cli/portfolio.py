def demo() -> None:
    "x"


def import_() -> None:
    "x"
