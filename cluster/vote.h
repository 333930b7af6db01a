/*
 * The record {term, vote} that a node may never forget: two slots of 4 KiB in
 * one file, written in turn, so that a torn write leaves the one before.
 *
 * Source: Ongaro, "Consensus: Bridging Theory and Practice" (2014), figure 3.1
 * (currentTerm and votedFor are on stable storage before answering).
 */
#pragma once

#include <stdint.h>

#include "store/base/err.h"
#include "store/base/thread.h"

struct vote;

/*
 * Opens the file, or makes it with term 0 and no vote.
 * Errors, with `err` filled: -EBADMSG damaged beyond what a torn write can do
 * (ERR_EXIT_CORRUPT), -EOPNOTSUPP newer format, -EIO, -ENOSPC.
 */
int vote_open(struct vote **out, const char *path, struct err *err) OFF_LOOP;

/* NULL is accepted. */
void vote_close(struct vote *vote);

uint64_t vote_term(const struct vote *vote);
uint64_t vote_voted_for(const struct vote *vote); /* 0: nobody. */

/*
 * Makes {term, voted_for} durable before it returns: the one disk write that
 * the loop waits for, a few times an election. Space was allocated at open.
 * Errors: -EIO: the process must stop, it may not try again. Thread: loop.
 */
int vote_save(struct vote *vote, uint64_t term, uint64_t voted_for) ON_LOOP;
