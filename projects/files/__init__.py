"""Files that people send in beside what they tell: what they are, how they are kept, how they are handed out."""

from projects.files.reading import ACCEPT, LARGEST, TOO_LARGE, Content, named, read

__all__ = ["ACCEPT", "LARGEST", "TOO_LARGE", "Content", "named", "read"]
