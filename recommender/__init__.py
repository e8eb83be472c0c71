"""Related events for news archives: read, index, rank, evaluate, regenerate."""

__version__ = "0.1.0"
