"""Days of Wikipedia's Portal:Current events: where their wikitext comes from, and what it says."""
