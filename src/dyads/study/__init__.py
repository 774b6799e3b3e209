"""The study's own tables: reading, checking, and whether the study is ready to run."""
