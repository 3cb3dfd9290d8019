//! What each figure of a report means, in words for its end. The definitions are those that the program measures by.

/// A figure and its definition.
pub(super) const FORMULAS: [(&str, &str); 15] = [
    (
        "t0",
        "the moment the request is handed to the transport, in the attempt that succeeded or in the last one; waiting for a \
         turn, loading a model and waiting before another attempt come before it and are in no time below",
    ),
    (
        "First piece (TTFT)",
        "first non-empty piece of thinking or answer − t0",
    ),
    (
        "First answer (TTFA)",
        "first non-empty piece of the answer − t0",
    ),
    ("Time", "last non-empty piece − t0"),
    (
        "Thinking",
        "reasoning tokens / completion tokens of all cells; known only where every cell reports that split",
    ),
    (
        "tok/s",
        "decode rate, (N − k) / window: tokens after the first arrival over the time from the first to the last piece; where \
         thinking is hidden or only summarised, the tokens and the window of the answer alone",
    ),
    (
        "Cost",
        "prices × normalised tokens (prompt tokens include cached ones, completion tokens include thinking); unknown where a \
         price is; judging answers is counted apart",
    ),
    (
        "Passed",
        "cells whose checks all passed / cells that were judged or failed: an answer that never came has not passed. What could \
         not be judged, and what was stopped, is not counted",
    ),
    (
        "Interval of a share",
        "Wilson's score interval of 95 % (JASA 22, 1927). Repetitions of a prompt are not independent, so it is that of n / D \
         answers, with the prompts as clusters: D = m / (m − 1) · Σ (passedⱼ − answersⱼ · p)² / (n · p · (1 − p)) over m prompts \
         (design effect, Rao and Scott, Biometrics 48, 1992), of no more than n answers and of no fewer than (Σ answersⱼ)² / \
         Σ answersⱼ² (Kish, 1965), which is the number of prompts where each has as many; that, too, where all or none passed. With few prompts it covers \
         somewhat less than 95 %",
    ),
    (
        "Median [25th, 75th percentile]",
        "over the cells that are done and have the figure; linear interpolation between ranks. The tables' cost a prompt is \
         such a median; what is called cheap, cheaper or free, and `cost` in a need, goes by the mean",
    ),
    (
        "Ratio",
        "geometric mean of the ratios of single prompts, the median over a prompt's repetitions, with a bootstrap interval of \
         95 % over prompts (percentile method)",
    ),
    (
        "Difference of pass rates",
        "on the same prompts, with the interval of Newcombe's method 10; a prompt passed where more than half of its \
         repetitions did",
    ),
    (
        "p",
        "McNemar's exact test, two-sided: how likely so unequal a split of the prompts that one lane alone passed is, were \
         both equally good",
    ),
    (
        "Cost of a month",
        "mean cost × requests; means add up, medians do not. The mean is what all cells cost, those that failed or were \
         stopped among them, over the cells that ended, done or failed; `+ ?` where nobody told what some of them cost. Its \
         interval is that of a ratio of sums over prompts, by its linearised variance (Cochran, Sampling Techniques, 6.3), \
         from 6 prompts on; where few prompts cost much it covers less than 95 %",
    ),
    (
        "Marks",
        "~ an estimate, – not known, ? the price is not known, † a ratio of times of unequal shares of the machine",
    ),
];
