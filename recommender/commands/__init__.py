"""The commands, one module a job: each reads arguments, calls one library function, prints."""
