"""The error that `models` raises on purpose; it stands here because `models` imports nothing from above it."""

from typing import ClassVar


class EncoderError(Exception):
    """An encoder cannot be loaded or used; the message is one sentence that says what to give instead."""

    code: ClassVar[str] = "encoder"
