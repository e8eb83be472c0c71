"""From days of the portal to files of an archive."""
