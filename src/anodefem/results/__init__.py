"""Numbers, fields and the record of a run."""
