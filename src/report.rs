//! Reports over the cells of batches: what is said about each lane, and in which form. Reads no database.
