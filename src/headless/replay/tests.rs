//! Replays over scripted lanes.
