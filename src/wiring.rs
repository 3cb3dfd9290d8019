//! Composition: builds lanes with their providers out of plans.
