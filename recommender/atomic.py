"""Writing a file so that whoever is killed leaves the old one or the new one, never a part."""

import os
import stat
import tempfile
from pathlib import Path

TEMPORARY_PREFIX = ".related-events-"
_NEW_MODE = 0o644


def replace_file(target: Path, content: bytes, *, durable: bool = True, one_writer: bool = False) -> None:
    """Write a file, which need not be there yet; its mode is kept.

    Args:
        target: The file; a link is replaced, not followed.
        content: All of it.
        durable: Whether it is on the disk when this returns; if not, that is as late as the system decides.
        one_writer: Whether nobody else writes this file: then the temporary one beside it has always the same name,
            and the next writing takes away what a killed one has left.

    Raises:
        OSError: It cannot be written; the old one is as it was.
    """
    temporary = None
    try:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else _NEW_MODE
        if one_writer:
            temporary = target.with_name(f"{TEMPORARY_PREFIX}{target.name}")
            handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _NEW_MODE)
        else:
            handle, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=target.parent)
            temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.chmod(mode)
        temporary.replace(target)
    except OSError:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise
