//! The history: batches, runs, cells and their tapes, in SQLite. Prints nothing and asks nobody.
