//! Tests of update: placeholder
